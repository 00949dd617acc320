import type { Act } from '../../core/people/act.ts';
import {
  type Body,
  type PeopleRecordKind,
  peopleRecordKinds,
  type PeopleRecords,
} from '../../ports/people/people-store.ts';
import type { Store } from '../../ports/store.ts';

type Storing = Pick<Store, 'people'>;

/** What is needed of a line to be one. */
export const peopleLines: Record<PeopleRecordKind, readonly string[]> = {
  person: ['id', 'status', 'createdAt', 'addresses', 'fields', 'revision'],
  consent: ['id', 'person', 'medium', 'addressKey', 'purpose', 'way', 'at'],
  suppression: ['hash', 'purpose', 'at', 'because'],
  act: ['id', 'person', 'of', 'at'],
  enrolment: ['id', 'person', 'sequence', 'run', 'state', 'done', 'revision'],
  dispatch: ['id', 'person', 'sequence', 'enrolment', 'state', 'medium', 'at', 'revision'],
  coupon: ['file', 'code', 'at'],
  body: ['person', 'hash', 'base64'],
};

/** Bodies are large. */
const atOnce: Record<PeopleRecordKind, number> = {
  person: 500,
  consent: 500,
  suppression: 500,
  act: 500,
  enrolment: 500,
  dispatch: 500,
  coupon: 500,
  body: 20,
};

export async function* listPeopleLines(store: Storing): AsyncGenerator<[PeopleRecordKind, object]> {
  for (const kind of peopleRecordKinds)
    for await (const record of listAll(store, kind)) yield [kind, toLine(kind, record)];
}

async function* listAll<K extends PeopleRecordKind>(
  { people }: Storing,
  kind: K,
): AsyncGenerator<PeopleRecords[K]> {
  const limit = atOnce[kind];
  for (let after: PeopleRecords[K] | undefined; ;) {
    const page = await people.listRecords({ kind, after, limit });
    yield* page;
    if (page.length < limit) return;
    after = page.at(-1);
  }
}

/** `kind` is what a line is about. */
function toLine(kind: PeopleRecordKind, record: PeopleRecords[PeopleRecordKind]): object {
  if (kind === 'act') {
    const { kind: of, ...act } = record as Act;
    return { of, ...act };
  }
  if (kind !== 'body') return record;
  const { bytes, ...body } = record as Body;
  return { ...body, base64: Buffer.from(bytes).toString('base64') };
}

function toRecord(kind: PeopleRecordKind, line: object): object {
  if (kind === 'act') {
    const { of, ...act } = line as Omit<Act, 'kind'> & { of: Act['kind'] };
    return { ...act, kind: of };
  }
  if (kind !== 'body') return line;
  const { base64, ...body } = line as Omit<Body, 'bytes'> & { base64: string };
  return { ...body, bytes: new Uint8Array(Buffer.from(base64, 'base64')) };
}

export const putPeopleLines = ({ people }: Storing, kind: PeopleRecordKind, lines: object[]) =>
  people.addRecords(
    kind,
    lines.map((line) => toRecord(kind, line)) as PeopleRecords[PeopleRecordKind][],
  );

export const isPeopleKind = (kind: string): kind is PeopleRecordKind =>
  (peopleRecordKinds as readonly string[]).includes(kind);
