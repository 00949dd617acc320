import { createHash } from 'node:crypto';
import { peopleRecordKinds } from '../../ports/people/people-store.ts';
import type { Link } from '../../core/clicks/click.ts';
import type { Store } from '../../ports/store.ts';
import { isTransient } from './moved.ts';
import { listPeopleLines } from './people-lines.ts';

/** What a line is about. */
export const lineKinds = [
  'post',
  'delivery',
  'entry',
  'sample',
  'link',
  'clicks',
  ...peopleRecordKinds,
  'fact',
] as const;
export type LineKind = (typeof lineKinds)[number];

/** The first line, and the last one: how many lines of each kind, and the hash of all before it. */
export interface Header {
  kind: 'dripline';
  format: number;
}
export interface Trailer {
  kind: 'end';
  counts: Record<LineKind, number>;
  sha256: string;
}

export const format = 1;

/**
 * The whole store as lines of JSON, each with its line break. The same content gives the same
 * bytes, whatever store it is in. `write` makes a line of JSON out of one.
 */
export async function* exportLines(
  store: Store,
  write: (json: string) => string,
): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const counts = Object.fromEntries(lineKinds.map((kind) => [kind, 0])) as Trailer['counts'];
  const toLine = (value: object) => {
    const line = `${write(JSON.stringify(sortKeys(value)))}\n`;
    hash.update(line);
    return line;
  };
  const header: Header = { kind: 'dripline', format };
  yield toLine(header);
  for await (const [kind, value] of listAll(store)) {
    counts[kind]++;
    yield toLine({ kind, ...value });
  }
  const trailer: Trailer = { kind: 'end', counts, sha256: hash.digest('hex') };
  yield `${JSON.stringify(trailer)}\n`;
}

const postsAtOnce = 500;

async function* listAll(store: Store): AsyncGenerator<[LineKind, object]> {
  const ids = (await store.listPostMarks()).map(({ id }) => id);
  for (let i = 0; i < ids.length; i += postsAtOnce)
    // A mark says when this machine has read the file.
    for (const { mark: _mark, ...post } of await store.findPosts(ids.slice(i, i + postsAtOnce)))
      yield ['post', post];
  for (const delivery of await store.listDeliveries({})) yield ['delivery', delivery];
  for (const entry of await store.listJournal({})) yield ['entry', entry];
  for (const sample of await store.listSamples({})) yield ['sample', sample];
  for await (const link of listAllLinks(store)) yield ['link', link];
  // `kind` is what a line is about.
  for (const { kind: of, ...count } of await store.listClicks()) yield ['clicks', { of, ...count }];
  yield* listPeopleLines(store);
  for (const { key, value } of await store.listFacts<unknown>(''))
    if (!isTransient(key)) yield ['fact', { key, value }];
}

const linksAtOnce = 2000;

/** Each message to a person has some: there may be very many. */
async function* listAllLinks(store: Store): AsyncGenerator<Link> {
  for (let after = ''; ;) {
    const links = await store.listLinks({ page: { after, limit: linksAtOnce } });
    yield* links;
    const last = links.at(-1);
    if (!last || links.length < linksAtOnce) return;
    after = last.code;
  }
}

/** Stores keep the keys of an object in different orders. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, one]) => [key, sortKeys(one)]));
}
