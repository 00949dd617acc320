import type { Delivery } from '../../core/delivery/delivery.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Settings } from '../../core/settings.ts';
import { findPostsOf } from '../../flow/ingest/find-post.ts';
import type { StoredPost } from '../../ports/store.ts';
import type { CommandContext } from '../command.ts';

/** What a page of posts shows; absent: whatever there is. */
export interface PostFilter {
  account?: string;
  campaign?: string;
  queue?: string;
  /** In the title or the text. */
  text?: string;
}

const longestText = 100;

/** From the query of a page. An account or a queue that is unknown does not count. */
export function toPostFilter(
  { accounts, queues }: Pick<Settings, 'accounts' | 'queues'>,
  get: (name: string) => string | null,
): PostFilter {
  const word = (name: string) => get(name)?.slice(0, longestText).trim() || undefined;
  const [account, queue] = [word('account'), word('queue')];
  return pickDefined({
    account: accounts.some(({ name }) => name === account) ? account : undefined,
    campaign: word('campaign'),
    queue: queue !== undefined && (queue in queues || queue === 'none') ? queue : undefined,
    text: word('text'),
  });
}

/** Whether it asks for more than the store's indexes can answer. */
export const isNarrow = ({ campaign, queue, text }: PostFilter): boolean =>
  campaign !== undefined || queue !== undefined || text !== undefined;

/** Those that the filter lets pass. For the text their posts are read. */
export async function passing<T extends Delivery>(
  context: Pick<CommandContext, 'store'>,
  deliveries: readonly T[],
  { account, campaign, queue, text }: PostFilter,
): Promise<T[]> {
  const some = deliveries.filter(
    (one) =>
      (account === undefined || one.account === account) &&
      (campaign === undefined || one.terms.campaign === campaign) &&
      (queue === undefined || one.queue === queue),
  );
  if (text === undefined || !some.length) return some;
  const posts = await findPostsOf(context.store, [...new Set(some.map(({ post }) => post))]);
  const wanted = plain(text);
  const found = new Set(posts.filter((one) => says(one, wanted)).map(({ id }) => id));
  return some.filter(({ post }) => found.has(post));
}

const plain = (text: string): string => text.normalize('NFC').toLowerCase();

const says = ({ id, post: { title = '', parts } }: StoredPost, wanted: string): boolean =>
  [id, title, ...parts].some((text) => plain(text).includes(wanted));
