import { withHeaders, type Answer, type Incoming } from '../http/routing.ts';
import { compareIds } from '../world/ids.ts';

/**
 * The page that is asked for, of what is sorted newest first. `min_id` pages upwards: the ones
 * right after it, newest first in any case.
 */
export function readPage<T extends { id: string }>(
  sorted: T[],
  query: URLSearchParams,
  maxLimit: number,
): T[] {
  const most = readLimit(query, maxLimit);
  const [maxId, sinceId, minId] = ['max_id', 'since_id', 'min_id'].map(
    (name) => query.get(name) ?? undefined,
  );
  const all = sorted.filter(
    ({ id }) =>
      (!maxId || compareIds(id, maxId) < 0) &&
      (!sinceId || compareIds(id, sinceId) > 0) &&
      (!minId || compareIds(id, minId) > 0),
  );
  return minId ? all.slice(-most) : all.slice(0, most);
}

const readLimit = (query: URLSearchParams, maxLimit: number) =>
  Math.min(maxLimit, Math.max(1, Number(query.get('limit') ?? maxLimit / 2) || maxLimit / 2));

export function withLinks(
  answer: Answer,
  { origin, path, query }: Incoming,
  page: { id: string }[],
): Answer {
  const [newest, oldest] = [page[0]?.id, page.at(-1)?.id];
  if (!newest || !oldest) return answer;
  const kept = [...query].filter(([name]) => !['max_id', 'since_id', 'min_id'].includes(name));
  const link = (name: string, id: string, rel: string) =>
    `<${origin}${path}?${new URLSearchParams([...kept, [name, id]])}>; rel="${rel}"`;
  return withHeaders(answer, {
    link: `${link('max_id', oldest, 'next')}, ${link('min_id', newest, 'prev')}`,
  });
}
