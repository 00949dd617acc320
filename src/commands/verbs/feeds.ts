import { pickDefined } from '../../core/pick-defined.ts';
import { plural } from '../../core/plural.ts';
import { Refusal } from '../../core/problem.ts';
import { didYouMean } from '../../core/text/suggest.ts';
import { formatLocal, toIso } from '../../core/time.ts';
import { changeFact, nudge } from '../../flow/facts.ts';
import { feedFact } from '../../flow/ingest/look-at-feed.ts';
import { type Command, type CommandContext, type Reply, WrongUsage } from '../command.ts';
import { toTable } from '../table.ts';
import { type FeedView, readFeeds } from '../views/accounts-view.ts';

/** The state of each feed, and a person's word where one is held. */
export const feeds: Command = {
  name: 'feeds',
  help: 'show the state of each feed, or say what becomes of one that is held',
  examples: ['feeds'],
  options: [
    { name: '--post', value: '<url>', help: 'post what is new in a feed that is held' },
    { name: '--skip', value: '<url>', help: 'take what is new in a feed that is held for known' },
  ],
  async run(context, { options: { post, skip } }) {
    if (post !== undefined && skip !== undefined)
      throw new WrongUsage('say --post or --skip, not both');
    if (typeof post === 'string') return sayWhatIsNew(context, 'post', post);
    if (typeof skip === 'string') return sayWhatIsNew(context, 'skip', skip);
    return tellFeeds(context, await readFeeds(context));
  },
};

function tellFeeds({ settings }: CommandContext, views: readonly FeedView[]): Reply {
  const when = (at: number | undefined) =>
    at === undefined ? '–' : formatLocal(at, settings.zone);
  const rows = views.map(({ url, state: { seen, checkedAt, nextAt, error, held } }) => [
    url,
    String(seen.length),
    when(checkedAt),
    when(nextAt),
    error ?? (held ? heldText(held) : 'OK'),
  ]);
  return {
    text: rows.length
      ? toTable(['feed', 'known items', 'last check', 'next check', ''], rows)
      : 'No feeds are configured.',
    json: views.map(({ url, queue, state: { seen, checkedAt, nextAt, error, held } }) =>
      pickDefined({
        url,
        queue,
        known: seen.length,
        checkedAt: checkedAt === undefined ? undefined : toIso(checkedAt),
        nextAt: nextAt === undefined ? undefined : toIso(nextAt),
        error,
        held,
      }),
    ),
  };
}

const heldText = ({ count, of }: { count: number; of: number }) =>
  `held: ${count} of ${of} items are new at once. Say feeds --post or feeds --skip, and the URL`;

/** The service does it at the next look: it reads the feed itself. */
async function sayWhatIsNew(
  { store, settings }: CommandContext,
  answer: 'post' | 'skip',
  url: string,
): Promise<Reply> {
  const known = (settings.feeds ?? []).map((one) => one.url);
  if (!known.includes(url)) throw new Refusal(`there is no feed ${url}: ${didYouMean(url, known)}`);
  const { held } = await changeFact(store, feedFact(url), (state) =>
    state.held ? { ...state, answer } : undefined,
  );
  if (!held) throw new Refusal(`the feed ${url} is not held: there is nothing to ${answer}`);
  await nudge(store);
  const what = plural(held.count, 'item');
  const then = answer === 'post' ? 'posted' : 'taken for known, and not posted';
  return {
    text: `At its next check, within 15 minutes, ${what} of ${url} will be ${then}.`,
    json: { url, answer },
  };
}
