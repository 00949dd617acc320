import { createHash } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { states } from '../../src/core/delivery/delivery.ts';
import { actKinds } from '../../src/core/people/act.ts';
import { dispatchStates } from '../../src/core/people/dispatch.ts';
import { enrolmentStates } from '../../src/core/people/enrolment.ts';
import { personStatuses } from '../../src/core/people/person.ts';
import { exportLines } from '../../src/flow/moving/export-store.ts';
import { assertOurs, markMoved, takeBack } from '../../src/flow/moving/moved.ts';
import { checkLines, restoreLines } from '../../src/flow/moving/restore-store.ts';
import type { Store } from '../../src/ports/store.ts';
import { inputs } from '../field/kit.ts';
import { makeDelivery, makeEntry, makePlace, makePost } from '../store/kit.ts';
import {
  makeAct,
  makeConsent,
  makeDispatch,
  makeEnrolment,
  makePerson,
} from '../store/people-kit.ts';

const count = inputs(60, 10_000);
const uri = inject('mongoUri');
const at = 1_700_000_000_000;

async function* linesOf(text: string): AsyncGenerator<string> {
  for (const line of text.split('\n').slice(0, -1)) yield line;
}

async function readAll(store: Store): Promise<string> {
  let text = '';
  for await (const line of exportLines(store, (json) => json)) text += line;
  return text;
}

/** Something of everything, in every state, with odd letters and orders of keys. */
async function fill(store: Store, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, i) => `p${i}`);
  await store.savePosts([
    ...names.map((id) => ({ ...makePost(id), mark: 'of this machine' })),
    { ...makePost('grüße', { params: { b: '\u2028', a: '$x.y' } }), goneAt: 5 },
  ]);
  await store.addDeliveries(
    names.map((id, i) =>
      makeDelivery(id, {
        state: states[i % states.length],
        revision: i,
        rank: `r${count - i}`,
        at: at + i,
        startedAt: at + i,
        receipts: i % 3 ? [{ id: `${i}`, url: `https://x.example/${i}`, at: at + i }] : [],
      }),
    ),
  );
  await store.addSamples(
    names.flatMap((id, i) =>
      [0, 1].map((later) => ({
        delivery: `${id}@bsky`,
        post: id,
        account: 'bsky',
        network: 'bluesky' as const,
        releasedAt: at + i,
        at: at + i + later,
        counts: { likes: i + later },
      })),
    ),
  );
  await store.appendJournal(
    names.map((id, i) => makeEntry(`e${i}`, { at: at + (i % 7), text: `about ${id}` })),
  );
  await store.addLinks([
    {
      code: 'ofAPerson0000000',
      target: 'https://x.example/cart/7',
      bare: 'https://x.example/cart/',
      delivery: 'welcome.hello@p-1',
      createdAt: at,
    },
  ]);
  await store.addLinks(
    names.map((id, i) => ({
      code: `Code${String(i).padStart(6, 'z')}`,
      target: `https://x.example/${id}?a=1&b=$x`,
      delivery: `${id}@bsky`,
      post: id,
      account: 'bsky',
      network: 'bluesky' as const,
      createdAt: at + i,
    })),
  );
  await store.putClicks(
    names.flatMap((id, i) =>
      (['person', 'machine', 'unique'] as const).map((kind) => ({
        delivery: `${id}@bsky`,
        at: at + (count - i) * 3_600_000,
        kind,
        counter: `c${i % 2}`,
        count: i + 1,
      })),
    ),
  );
  await fillPeople(store, names.length);
  await store.putFact('pause', { paused: {}, resumedAt: { '*': 1 } }, 0);
  await store.putFact('service:a', { worker: 'a' }, 0);
  await store.putFact('nudge', 7, 0);
}

/** Every state, two runs of some, and more of each kind than one page of an export holds. */
async function fillPeople({ people }: Store, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const person = `p-${i}`;
    await people.addPerson(makePerson(person, { status: personStatuses[i % 6] ?? 'new' }));
    await people.addConsents([makeConsent(`c${count - i}`, person, { at: at + i })]);
    await people.confirmConsent(`c${i}`, { at: at + i, from: 'page' });
    const first = makeEnrolment('welcome', person, { state: enrolmentStates[i % 7] ?? 'left' });
    await people.addEnrolment(first);
    if (i % 7 > 1) await people.addEnrolment(makeEnrolment('welcome', person, { run: 2 }));
    const step = makeDispatch(first, 'one', { state: dispatchStates[i % 8] ?? 'sent' });
    await people.change({
      enrolment: { before: first, after: { ...first, done: ['one'] } },
      dispatch: { after: { ...step, ...(i % 2 && { sentAt: at + i, reason: 'a.b $c' }) } },
    });
    await people.reserveCoupon({ file: `f${i % 3}`, code: `Ä-${i}`, person, at: at + i });
    const bytes = new Uint8Array([0, 255, i % 256]);
    await people.putBody({ person, hash: `h${i % 7}`, bytes });
  }
  const acts = Array.from({ length: 10 * count }, (_, i) =>
    makeAct(`e${i}`, `p-${i % count}`, { at: at + (i % 9), kind: actKinds[i % 9] ?? 'event' }),
  );
  await people.addActs(acts);
  await people.addSuppressions(
    acts.map(({ id }, i) => ({ hash: id, purpose: i % 2 ? '*' : 'a', at, because: 'reply' })),
  );
}

const stores = uri ? (['sqlite', 'mongodb'] as const) : (['sqlite'] as const);
const ways = stores.flatMap((from) => stores.map((to) => [from, to] as const));
const place = (kind: string) => makePlace(kind === 'mongodb' ? uri : undefined);

describe.each(ways)('from %s to %s', (from, to) => {
  test(`all comes over (${count} deliveries in every state): an export of what was restored has the same bytes`, async () => {
    await using first = await place(from);
    await using second = await place(to);
    await using old = await first.open();
    await fill(old, count);
    const text = await readAll(old);
    const secondRuns = Array.from({ length: count }, (_, i) => i).filter((i) => i % 7 > 1).length;
    await using fresh = await second.open();
    expect(await checkLines(linesOf(text))).toEqual({
      post: count + 1,
      delivery: count,
      entry: count,
      sample: 2 * count,
      link: count + 1,
      clicks: 3 * count,
      person: count,
      consent: count,
      act: 10 * count,
      suppression: 10 * count,
      enrolment: count + secondRuns,
      dispatch: count,
      coupon: count,
      body: count,
      fact: 1,
    });
    await restoreLines(fresh, linesOf(text), at);
    expect(await readAll(fresh)).toBe(text);
    expect(await fresh.findDelivery('p7@bsky')).toEqual(await old.findDelivery('p7@bsky'));
    expect(await fresh.listDeliveries({})).toEqual(await old.listDeliveries({}));
    expect(await fresh.listJournal({})).toEqual(await old.listJournal({}));
    expect(await fresh.listSamples({})).toEqual(await old.listSamples({}));
    expect(await fresh.listLinks({})).toEqual(await old.listLinks({}));
    expect(await fresh.sumClicks()).toEqual(await old.sumClicks());
    const counted = async ({ people }: Store) => [
      await people.countEnrolments(),
      await people.countDispatches(),
      await people.countPeople({ status: 'won' }),
      await people.listPeople({ sequence: 'welcome', limit: count }),
      await people.listPeople({ text: 'name of p-1', limit: count }),
      await people.findPersonByAddress('mail:p-3@example.com'),
      await people.listSilent(at + 9, count),
    ];
    expect(await counted(fresh)).toEqual(await counted(old));
  });
});

test('a restore that was interrupted is run again, and until then nothing is served', async () => {
  await using first = await place('sqlite');
  await using second = await place('sqlite');
  await using old = await first.open();
  await fill(old, 30);
  const text = await readAll(old);
  await using fresh = await second.open();
  async function* broken() {
    for await (const line of linesOf(text)) {
      if (line.includes('"e3"')) throw new Error('killed');
      yield line;
    }
  }
  await expect(restoreLines(fresh, broken(), at)).rejects.toThrow('killed');
  await expect(assertOurs(fresh)).rejects.toThrow(/did not end/);
  await restoreLines(fresh, linesOf(text), at);
  await assertOurs(fresh);
  expect(await readAll(fresh)).toBe(text);
});

test('a store in use is not restored into', async () => {
  await using first = await place('sqlite');
  await using store = await first.open();
  await fill(store, 3);
  const text = await readAll(store);
  await expect(restoreLines(store, linesOf(text), at)).rejects.toThrow(/not empty/);
});

test('a store that was moved is not served, until it is taken back', async () => {
  await using first = await place('sqlite');
  await using store = await first.open();
  await markMoved(store, { at, to: '/backup/all.jsonl' });
  await expect(assertOurs(store)).rejects.toThrow(/moved .*all\.jsonl/);
  expect(await takeBack(store)).toBe(true);
  await assertOurs(store);
  expect(await takeBack(store)).toBe(false);
});

describe('a file that is not whole is refused before anything is written', () => {
  const sign = (lines: string[]) => {
    const body = lines.map((line) => `${line}\n`).join('');
    const sha256 = createHash('sha256').update(body).digest('hex');
    const counts = { post: 0, delivery: 0, entry: 0, sample: 0, fact: lines.length - 1 };
    return `${body}${JSON.stringify({ kind: 'end', counts, sha256 })}\n`;
  };
  const header = '{"format":1,"kind":"dripline"}';
  const fact = '{"key":"a","kind":"fact","value":1}';
  const good = sign([header, fact]);

  test('as it is, it is good', async () => {
    // What an earlier version exported has neither links nor clicks, and does not name them.
    expect(await checkLines(linesOf(good))).toMatchObject({ fact: 1, link: 0, clicks: 0 });
  });

  test.each<[string, string, RegExp]>([
    ['empty', '', /ends before its end/],
    ['cut off', `${header}\n${fact}\n`, /ends before its end/],
    ['cut in a line', `${good.slice(0, 50)}\n`, /not JSON/],
    ['changed', good.replace('"value":1', '"value":2'), /was changed/],
    ['a line less', `${header}\n${good.split('\n').at(-2)}\n`, /was changed/],
    ['more behind the end', `${good}${fact}\n`, /after the end/],
    ['no export', 'hello\n', /Line 1 is not JSON/],
    ['a list', '[]\n', /begin as an export/],
    ['of an older version', '{"kind":"post","id":"a"}\n', /older Dripline/],
    ['of a newer version', '{"kind":"dripline","format":2}\n', /newer Dripline/],
    ['an unknown line', sign([header, '{"kind":"other"}']), /Line 2 is none/],
    ['a delivery without a state', sign([header, '{"kind":"delivery","id":"a"}']), /Line 2/],
    ['null', 'null\n', /not JSON/],
  ])('%s', async (_, text, words) => {
    await expect(checkLines(linesOf(text))).rejects.toThrow(words);
  });
});
