import { openCommands } from '../app/open-commands.ts';
import { toTable } from '../commands/table.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { plural } from '../core/plural.ts';
import { Refusal } from '../core/problem.ts';
import { didYouMean } from '../core/text/suggest.ts';
import { formatLocal, toIso } from '../core/time.ts';
import { changeFact, readFact } from '../flow/facts.ts';
import { feedFact } from '../flow/ingest/look-at-feed.ts';
import type { Store } from '../ports/store.ts';
import type { CliContext } from './cli-context.ts';

export async function feeds({ config, options, terminal }: CliContext): Promise<void> {
  await using context = await openCommands(config, 'cli');
  for (const answer of ['post', 'skip'] as const)
    if (typeof options[answer] === 'string')
      return sayWhatIsNew(context.store, { answer, url: options[answer], config, terminal });
  const rows = await Promise.all(
    config.feeds.map(async ({ url, queue, perDay }) => {
      const state = await readFact(context.store, feedFact(url));
      const { seen, checkedAt, nextAt, error, held } = state;
      return pickDefined({
        url,
        queue,
        perDay,
        known: seen.length,
        checkedAt: checkedAt === undefined ? undefined : toIso(checkedAt),
        nextAt: nextAt === undefined ? undefined : toIso(nextAt),
        error,
        held,
      });
    }),
  );
  const when = (at: string | undefined) =>
    at === undefined ? '–' : formatLocal(Date.parse(at), config.zone);
  terminal.print(
    rows.length
      ? toTable(
          ['feed', 'known items', 'last check', 'next check', ''],
          rows.map((one) => [
            one.url,
            String(one.known),
            when(one.checkedAt),
            when(one.nextAt),
            one.error ?? (one.held ? heldText(one.held) : 'OK'),
          ]),
        )
      : 'No feeds are configured.',
    rows,
  );
}

const heldText = ({ count, of }: { count: number; of: number }) =>
  `held: ${count} of ${of} items are new at once. Say feeds --post or feeds --skip, and the URL`;

interface Saying extends Pick<CliContext, 'config' | 'terminal'> {
  answer: 'post' | 'skip';
  url: string;
}

/** The service does it at the next look: it reads the feed itself. */
async function sayWhatIsNew(
  store: Store,
  { answer, url, config, terminal }: Saying,
): Promise<void> {
  const known = config.feeds.map((one) => one.url);
  if (!known.includes(url)) throw new Refusal(`there is no feed ${url}: ${didYouMean(url, known)}`);
  const { held } = await changeFact(store, feedFact(url), (state) =>
    state.held ? { ...state, answer } : undefined,
  );
  if (!held) throw new Refusal(`the feed ${url} is not held: there is nothing to ${answer}`);
  const what = plural(held.count, 'item');
  const then = answer === 'post' ? 'posted' : 'taken for known, and not posted';
  terminal.print(`At its next check, within 15 minutes, ${what} of ${url} will be ${then}.`, {
    url,
    answer,
  });
}
