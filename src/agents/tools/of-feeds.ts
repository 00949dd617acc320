import type { CommandContext } from '../../commands/command.ts';
import { parseFollowUpId } from '../../core/post/series.ts';

const rootOf = (id: string): string => parseFollowUpId(id)?.root ?? id;

/** Which of these posts come from a feed: their words are those of strangers. */
export async function feedPostsAmong(
  { store }: Pick<CommandContext, 'store'>,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = await store.findPosts([...new Set(ids.map(rootOf))]);
  const feeds = new Set(found.filter(({ source }) => source !== 'folder').map(({ id }) => id));
  return new Set(ids.filter((id) => feeds.has(rootOf(id))));
}
