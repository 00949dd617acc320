import { createHash } from 'node:crypto';
import type { ClickCount, Link } from '../../core/clicks/click.ts';
import { type Delivery, states } from '../../core/delivery/delivery.ts';
import type { Sample } from '../../core/engagement.ts';
import type { JournalEntry } from '../../core/journal.ts';
import { Refusal } from '../../core/problem.ts';
import type { Instant } from '../../core/time.ts';
import type { Store, StoredPost } from '../../ports/store.ts';
import { changeFact, readFact } from '../facts.ts';
import { format, type LineKind, lineKinds, type Trailer } from './export-store.ts';
import { copiedFact, restoredFact } from './moved.ts';
import { isPeopleKind, peopleLines, putPeopleLines } from './people-lines.ts';

export type Lines = AsyncIterable<string>;

/**
 * Whether the lines are a whole export, unchanged; how many there are of each kind. Throws a
 * Refusal that says what is wrong and where. Nothing is written.
 */
export async function checkLines(lines: Lines): Promise<Trailer['counts']> {
  const hash = createHash('sha256');
  const counts = Object.fromEntries(lineKinds.map((kind) => [kind, 0])) as Trailer['counts'];
  let number = 0;
  let trailer: Trailer | undefined;
  for await (const line of lines) {
    number++;
    if (trailer) throw new Refusal(`Line ${number} comes after the end: export the store again`);
    const value = parseLine(line, number);
    if (number === 1) checkHeader(value);
    if (value['kind'] === 'end') trailer = value as unknown as Trailer;
    else hash.update(`${line}\n`);
    if (number === 1 || trailer) continue;
    const kind = lineKinds.find((one) => one === value['kind']);
    if (!kind || !isShaped(kind, value))
      throw new Refusal(`Line ${number} is none of an export: ${line.slice(0, 60)}`);
    counts[kind]++;
  }
  if (!trailer) throw new Refusal('The file ends before its end: copy it again');
  // An export that was written before there was a kind has none of it.
  const isWhole = lineKinds.every((kind) => (trailer.counts[kind] ?? 0) === counts[kind]);
  if (!isWhole || trailer.sha256 !== hash.digest('hex'))
    throw new Refusal('The file was changed after the export: use one as it was written');
  return counts;
}

function parseLine(line: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Refusal(`Line ${number} is not JSON: is this file an export of Dripline?`);
}

function checkHeader({ kind, format: found }: Record<string, unknown>): void {
  if (kind !== 'dripline')
    throw new Refusal(
      'The file does not begin as an export does. One of an older Dripline cannot be restored: ' +
        'export the store again with this version',
    );
  if (found !== format)
    throw new Refusal('The file was written by a newer Dripline: update this one first');
}

const required: Record<LineKind, readonly string[]> = {
  post: ['id', 'path', 'source', 'hash', 'post'],
  delivery: ['id', 'post', 'account', 'network', 'state', 'revision'],
  entry: ['id', 'at', 'type', 'by'],
  sample: ['delivery', 'at'],
  link: ['code', 'target', 'delivery', 'createdAt'],
  clicks: ['delivery', 'at', 'of', 'counter', 'count'],
  ...peopleLines,
  fact: ['key', 'value'],
};

function isShaped(kind: LineKind, value: Record<string, unknown>): boolean {
  if (!required[kind].every((key) => key in value)) return false;
  return kind !== 'delivery' || states.some((state) => state === value['state']);
}

const atOnce = 500;

/**
 * Fills an empty store with lines that were checked. Interrupted, it can be run again. Throws a
 * Refusal where the store is in use.
 */
export async function restoreLines(store: Store, lines: Lines, at: Instant): Promise<void> {
  await assertEmpty(store);
  await changeFact(store, restoredFact, () => ({ at, isDone: false }));
  let kind: LineKind | undefined;
  let some: Record<string, unknown>[] = [];
  const flush = async () => {
    if (kind) await put(store, kind, some);
    some = [];
  };
  for await (const line of lines) {
    const { kind: found, ...value } = JSON.parse(line) as Record<string, unknown>;
    const next = lineKinds.find((one) => one === found);
    if (!next) continue;
    if (next !== kind || some.length === atOnce) await flush();
    kind = next;
    some.push(value);
  }
  await flush();
  await changeFact(store, copiedFact, () => at);
  await changeFact(store, restoredFact, () => ({ at, isDone: true }));
}

async function assertEmpty(store: Store): Promise<void> {
  const restored = await readFact(store, restoredFact);
  if (restored && !restored.isDone) return;
  const [entry] = await store.listJournal({ limit: 1 });
  const [delivery] = await store.listDeliveries({ limit: 1 });
  const [post] = await store.listIdsNear('', 1);
  const [person] = await store.people.listPeople({ limit: 1 });
  if (entry || delivery || post || person)
    throw new Refusal(
      'The store is not empty, and nothing in it is overwritten: restore into a new data folder ' +
        '(DRIPLINE_DATA), or into a new database (MONGODB_URI)',
    );
}

/** The mark of a file that this machine has not read. */
const unread = '[]';

async function put(store: Store, kind: LineKind, values: object[]): Promise<void> {
  if (isPeopleKind(kind)) return putPeopleLines(store, kind, values);
  switch (kind) {
    case 'post':
      return store.savePosts(values.map((one) => ({ ...one, mark: unread }) as StoredPost));
    case 'delivery':
      await store.addDeliveries(values as Delivery[]);
      return;
    case 'entry':
      return store.appendJournal(values as JournalEntry[]);
    case 'sample':
      return store.addSamples(values as Sample[]);
    case 'link':
      return store.addLinks(values as Link[]);
    case 'clicks':
      return store.putClicks(
        (values as (Omit<ClickCount, 'kind'> & { of: ClickCount['kind'] })[]).map(
          ({ of, ...count }) => ({ ...count, kind: of }),
        ),
      );
    case 'fact':
      for (const { key, value } of values as { key: string; value: unknown }[])
        await changeFact<unknown>(store, { key, empty: undefined }, () => value);
  }
}
