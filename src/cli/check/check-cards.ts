import { openPublishers } from '../../app/open-parts.ts';
import type { Config } from '../../config/config.ts';
import { limitsFor } from '../../core/network/traits-of.ts';
import { plural } from '../../core/plural.ts';
import { compose } from '../../core/post/compose.ts';
import type { Post } from '../../core/post/post.ts';
import type { Problem } from '../../core/problem.ts';
import { second } from '../../core/time.ts';
import { accountsFor } from '../../flow/ingest/ingest.ts';
import type { Publisher } from '../../ports/publisher.ts';

/** So many pages are read, some at a time: a check takes no longer than people wait. */
const mostCards = 100;
const atOnce = 8;
const limitFor = 30 * second;

/** Notes each link card that will be bare, since its page cannot be read. */
export async function checkCards(
  posts: Post[],
  config: Config,
  publishers?: ReadonlyMap<string, Publisher>,
): Promise<Problem[]> {
  const known = publishers ?? (await openPublishers(config));
  const cards = [...findCards(posts, config, known)];
  const signal = AbortSignal.timeout(limitFor);
  const notes: Problem[] = [];
  let [next, left] = [0, Math.max(0, cards.length - mostCards)];
  const work = async () => {
    for (let one = cards[next++]; one && next <= mostCards; one = cards[next++]) {
      const [url, { where, publisher }] = one;
      const what = await publisher.noteCard?.(url, signal).catch(() => void (left += 1));
      if (what) notes.push({ where, what, hint, severity: 'note' });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const order = new Map(posts.map(({ file }, i) => [file, i]));
  notes.sort((a, b) => (order.get(a.where) ?? 0) - (order.get(b.where) ?? 0));
  return left > 0 ? [...notes, leftOut(left, config)] : notes;
}

const hint = 'correct the address, or leave it: the post is published with its link anyway';

const leftOut = (count: number, { folders }: Config): Problem => ({
  where: folders.posts,
  what: `the pages of ${plural(count, 'link card')} were not read: too many, or too slow`,
  severity: 'note',
});

interface Carded {
  where: string;
  publisher: Publisher;
}

/** By address: where it is first. */
function findCards(
  posts: Post[],
  config: Config,
  publishers: ReadonlyMap<string, Publisher>,
): Map<string, Carded> {
  const { campaigns, mentions } = config;
  const found = new Map<string, Carded>();
  for (const post of posts.filter(({ draft, queue }) => !draft && queue !== 'none')) {
    for (const account of accountsFor(post, config)) {
      const publisher = publishers.get(account.name);
      if (!publisher?.noteCard) continue;
      const limits = limitsFor(account);
      const { message } = compose({ post, account, limits, run: 1, campaigns, mentions });
      if (message.card && !found.has(message.card))
        found.set(message.card, { where: post.file, publisher });
    }
  }
  return found;
}
