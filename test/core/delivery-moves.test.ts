import { expect, test } from 'vitest';
import { type Delivery, type State, states } from '../../src/core/delivery/delivery.ts';
import * as moves from '../../src/core/delivery/moves.ts';
import * as releaseMoves from '../../src/core/delivery/release-moves.ts';
import { IllegalMove } from '../../src/core/delivery/state-shapes.ts';

/** Every field that any state may have: what a move takes along beyond its state's own shows. */
const everything = (state: State, isThread: boolean): Delivery =>
  ({
    id: 'a@x',
    post: 'a',
    run: 1,
    account: 'x',
    network: 'x',
    state,
    reason: 'an old reason',
    because: 'not-yet',
    queue: 'tips',
    rank: 'm1000000 a.md',
    terms: { hash: 'h', pin: { at: 5 } },
    at: 10,
    openingAt: 11,
    why: 'a slot',
    pinnedAt: 12,
    attempts: 3,
    retryAt: 13,
    claim: { by: 'w', fence: 4, until: 14 },
    fence: 4,
    startedAt: 15,
    intent: {
      at: 16,
      postHash: 'h',
      message: { account: 'x', network: 'x', parts: [part, part] },
      sending: { part: isThread ? 1 : 0, at: 17, payload: {} },
    },
    receipts: isThread ? [{ id: '1', url: 'https://x.com/me/status/1', at: 18 }] : [],
    looks: 2,
    lookAt: 19,
    repeats: 5,
    approvedHash: 'h',
    isRefused: true,
    byPerson: true,
    measureAt: 20,
    misses: 1,
    goneAt: 21,
    followed: { at: 22, text: 'nothing held' },
    createdAt: 1,
    revision: 7,
  }) as unknown as Delivery;

const part = { text: 'one', media: [] };
const receipt = { id: '9', url: 'https://x.com/me/status/9', at: 30 };
const words = { terms: { hash: 'new' }, rank: 'm1000000 b.md' };

const always =
  'account approvedHash attempts createdAt fence id looks network pinnedAt post queue rank receipts revision run state terms';
const slot = 'at openingAt why';
const releasing = `${always} ${slot} startedAt retryAt intent`;
const released = `${always} ${slot} startedAt intent measureAt`;
const open = 'waiting queued planned';
const stuck = 'failed missed expired skipped withdrawn';

interface Row {
  move: (before: Delivery) => Delivery;
  from: string;
  to: State | 'same';
  /** Exactly these, of a delivery that has every field before the move. */
  fields: string;
  isThread?: boolean;
}

const table: Record<string, Row> = {
  planned: {
    move: (d) => moves.planned(d, { delivery: d.id, at: 40, openingAt: 41, why: 'soon' }),
    from: open,
    to: 'planned',
    fields: `${always} ${slot} retryAt`,
  },
  'unplaced, waiting': {
    move: (d) => moves.unplaced(d, { state: 'waiting', because: 'approval', reason: 'asks' }),
    from: open,
    to: 'waiting',
    fields: `${always} because reason retryAt`,
  },
  'unplaced, queued': {
    move: (d) => moves.unplaced(d, { state: 'queued', because: 'not-yet', reason: 'later' }),
    from: open,
    to: 'queued',
    fields: `${always} because reason retryAt`,
  },
  'unplaced, over': {
    move: (d) => moves.unplaced(d, { state: 'expired', because: 'passed', reason: 'over' }),
    from: open,
    to: 'expired',
    fields: `${always} because reason`,
  },
  revived: {
    move: (d) => moves.revived(d, { ...words, queue: 'blog' }),
    from: 'failed withdrawn',
    to: 'queued',
    fields: always,
  },
  withdrawnByFile: {
    move: (d) => moves.withdrawnByFile(d, 'deleted'),
    from: open,
    to: 'withdrawn',
    fields: `${always} reason`,
  },
  sentOff: {
    move: (d) =>
      moves.sentOff(d, { of: 'b@x', as: 'reply', else: 'skip', notBefore: 1 }, { at: 50 }),
    from: open,
    to: 'queued',
    fields: `${always} retryAt`,
  },
  retried: {
    move: (d) => moves.retried(d, 50),
    from: `${open} ${stuck}`,
    to: 'queued',
    fields: always.replace(' pinnedAt', ''),
  },
  urged: {
    move: (d) => moves.urged(d, { now: 50, why: 'now, said by cli' }),
    from: `${open} ${stuck}`,
    to: 'planned',
    fields: `${always} at why`,
  },
  movedTo: {
    move: (d) => moves.movedTo(d, { at: 60, now: 50 }),
    from: `${open} ${stuck}`,
    to: 'queued',
    fields: always,
  },
  movedToTop: {
    move: (d) => moves.movedToTop(d, 50),
    from: `${open} ${stuck}`,
    to: 'queued',
    fields: always.replace(' pinnedAt', ''),
  },
  movedToBottom: {
    move: (d) => moves.movedToBottom(d, 50),
    from: `${open} ${stuck}`,
    to: 'queued',
    fields: always.replace(' pinnedAt', ''),
  },
  skipped: {
    move: (d) => moves.skipped(d, 50),
    from: open,
    to: 'queued',
    fields: `${always.replace(' pinnedAt', '')} retryAt`,
  },
  skippedForGood: {
    move: (d) => moves.skippedForGood(d),
    from: `${open} missed failed expired`,
    to: 'skipped',
    fields: `${always.replace(' pinnedAt', '')} reason byPerson`,
  },
  withdrawn: {
    move: (d) => moves.withdrawn(d, 'withdrawn by cli'),
    from: `${open} missed failed`,
    to: 'withdrawn',
    fields: `${always} reason byPerson`,
  },
  runTakenBack: {
    move: (d) => moves.runTakenBack(d),
    from: open,
    to: 'withdrawn',
    fields: `${always} reason because byPerson`,
  },
  approved: {
    move: (d) => moves.approved(d),
    from: open,
    to: 'queued',
    fields: `${always} retryAt`,
  },
  claimed: {
    move: (d) => releaseMoves.claimed(d, { by: 'me', until: 70, now: 60 }),
    from: 'planned',
    to: 'releasing',
    fields: `${always} ${slot} startedAt retryAt claim`,
  },
  'partOut, not the last': {
    move: (d) => releaseMoves.partOut(d, receipt, { measureAt: 80 }),
    from: 'releasing',
    to: 'releasing',
    fields: `${releasing.replace(' retryAt', '')} claim`,
  },
  'partOut, the last': {
    move: (d) => releaseMoves.partOut(d, receipt, { measureAt: 80 }),
    from: 'releasing',
    to: 'released',
    fields: released,
    isThread: true,
  },
  deferred: {
    move: (d) => releaseMoves.deferred(d, { retryAt: 90, reason: 'away' }),
    from: 'releasing',
    to: 'queued',
    fields: `${always} retryAt reason`,
  },
  'deferred, a thread': {
    move: (d) => releaseMoves.deferred(d, { retryAt: 90, reason: 'away' }),
    from: 'releasing',
    to: 'releasing',
    fields: `${releasing} repeats lookAt reason`,
    isThread: true,
  },
  returned: {
    move: (d) => releaseMoves.returned(d),
    from: 'releasing',
    to: 'queued',
    fields: `${always} retryAt`,
  },
  separated: {
    move: (d) => releaseMoves.separated(d),
    from: 'releasing',
    to: 'queued',
    fields: `${always} retryAt`,
  },
  dropped: {
    move: (d) => releaseMoves.dropped(d, 'no reply there'),
    from: 'releasing',
    to: 'skipped',
    fields: `${always} reason`,
  },
  failed: {
    move: (d) => releaseMoves.failed(d, { reason: 'no', isRefused: true }),
    from: 'releasing',
    to: 'failed',
    fields: `${always} reason isRefused startedAt`,
  },
  'failed, a thread': {
    move: (d) => releaseMoves.failed(d, { reason: 'no', isRefused: true }),
    from: 'releasing',
    to: 'failed',
    fields: `${always} reason isRefused startedAt openingAt intent`,
    isThread: true,
  },
  left: {
    move: (d) => releaseMoves.left(d, { reason: 'no answer', lookAt: 100 }),
    from: 'releasing',
    to: 'releasing',
    fields: `${releasing} repeats lookAt reason`,
  },
  uncertain: {
    move: (d) => releaseMoves.uncertain(d, 'nobody knows'),
    from: 'releasing',
    to: 'uncertain',
    fields: `${always} ${slot} startedAt intent reason`,
  },
  foundStanding: {
    move: (d) => releaseMoves.foundStanding(d, { receipt, reason: 'there', now: 110 }),
    from: open,
    to: 'released',
    fields: `${released} reason`,
  },
  foundBegun: {
    move: (d) => releaseMoves.foundBegun(d, { at: 30, reason: 'begun', intent: d.intent as never }),
    from: open,
    to: 'uncertain',
    fields: `${always} ${slot} startedAt intent reason`,
  },
  continued: {
    move: (d) => releaseMoves.continued(d, 120),
    from: 'failed',
    to: 'releasing',
    fields: `${releasing.replace(' retryAt', '')} lookAt`,
    isThread: true,
  },
  cutShort: {
    move: (d) => releaseMoves.cutShort(d, { measureAt: 131 }),
    from: 'releasing',
    to: 'released',
    fields: released,
    isThread: true,
  },
  'settled, released': {
    move: (d) => releaseMoves.settled(d, { receipt, now: 130, isHeld: false }),
    from: 'uncertain',
    to: 'released',
    fields: released,
    isThread: true,
  },
  'settled, part of a thread': {
    move: (d) => releaseMoves.settled(d, { receipt, now: 130, isHeld: false }),
    from: 'uncertain',
    to: 'releasing',
    fields: `${releasing.replace(' retryAt', '')} lookAt`,
  },
  'settled, part of a thread on a held account': {
    move: (d) => releaseMoves.settled(d, { receipt, now: 130, isHeld: true }),
    from: 'uncertain',
    to: 'failed',
    fields: `${always} reason isRefused startedAt openingAt intent`,
  },
  'settled, not released': {
    move: (d) => releaseMoves.settled(d, { now: 130, isHeld: false }),
    from: 'uncertain',
    to: 'queued',
    fields: always,
  },
  measured: {
    move: (d) => releaseMoves.measured(d, { measureAt: 140, misses: 0 }),
    from: 'released',
    to: 'released',
    fields: `${released} reason followed`,
  },
};

test.each(Object.entries(table))(
  'the move "%s" begins in its states alone, and keeps exactly what the new state holds',
  (_name, { move, from, to, fields, isThread = false }) => {
    const begins = from.split(' ');
    for (const state of states) {
      const before = everything(state, isThread);
      if (!begins.includes(state) && !(state === 'releasing' && begins.includes('planned'))) {
        expect(() => move(before)).toThrow(IllegalMove);
        continue;
      }
      if (!begins.includes(state)) continue;
      const after = move(before);
      expect(after.state).toBe(to);
      const kept = Object.keys(after).toSorted();
      expect([state, kept]).toEqual([state, [...new Set(fields.split(' '))].toSorted()]);
      expect(after).toMatchObject({ id: 'a@x', revision: 7, createdAt: 1 });
    }
  },
);

/** Moves inside one state change what they are about, and nothing else. */
const inPlace: Record<string, { move: (d: Delivery) => Delivery; from: string; changes: string }> =
  {
    edited: {
      move: (d) => moves.edited(d, words),
      from: `${open} ${stuck}`,
      changes: 'queue rank terms',
    },
    held: {
      move: (d) => moves.held(d, { because: 'draft', text: 'is a draft' }),
      from: `${open} ${stuck}`,
      changes: 'terms',
    },
    'claimed again': {
      move: (d) => releaseMoves.claimed(d, { by: 'me', until: 70, now: 60 }),
      from: 'releasing',
      changes: 'claim fence',
    },
    intended: {
      move: (d) => releaseMoves.intended(d, { ...(d.intent as never as object), at: 99 } as never),
      from: 'releasing',
      changes: 'intent',
    },
    sending: {
      move: (d) => releaseMoves.sending(d, { payload: { a: 1 }, at: 98, until: 97 }),
      from: 'releasing',
      changes: 'claim intent',
    },
    rewritten: {
      move: (d) => releaseMoves.rewritten(d, { message: d.intent!.message, postHash: 'other' }),
      from: 'releasing',
      changes: 'intent',
    },
    unsent: { move: (d) => releaseMoves.unsent(d), from: 'releasing', changes: 'intent' },
    repeated: {
      move: (d) => releaseMoves.repeated(d),
      from: 'releasing',
      changes: 'looks repeats',
    },
    followed: {
      move: (d) => releaseMoves.followed(d, { at: 96, text: 'x' }),
      from: 'released',
      changes: 'followed',
    },
  };

test.each(Object.entries(inPlace))('the move "%s" changes one thing', (_name, row) => {
  for (const state of states) {
    const before = everything(state, false);
    if (!row.from.split(' ').includes(state)) {
      if (state !== 'planned') expect(() => row.move(before)).toThrow(IllegalMove);
      continue;
    }
    const after = row.move(before);
    const keys = Object.keys(before) as (keyof Delivery)[];
    const changed = keys.filter(
      (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
    );
    expect([state, changed.toSorted()]).toEqual([state, row.changes.split(' ')]);
  }
});

test('every move of the two files is in one of the tables', () => {
  const named = new Set(
    [...Object.keys(table), ...Object.keys(inPlace)].map((name) => name.split(/,| again/)[0]),
  );
  const exported = [...Object.keys(moves), ...Object.keys(releaseMoves)];
  expect(exported.filter((name) => !named.has(name))).toEqual(['restored']);
});

test('undo restores what a delivery was, but neither its slot nor what the file says since', () => {
  const before = { ...everything('missed', false), revision: 3, fence: 1 } as Delivery;
  const current = {
    ...everything('queued', false),
    terms: { hash: 'edited' },
    queue: 'blog',
  } as Delivery;
  expect(moves.restored(current, before)).toMatchObject({
    state: 'missed',
    reason: 'an old reason',
    terms: { hash: 'edited' },
    queue: 'blog',
    revision: 7,
    fence: 4,
  });
  const planned = moves.restored(current, everything('planned', false));
  expect(planned.state).toBe('queued');
  expect(planned.at).toBeUndefined();
  expect(planned.rank).toBe('m1000000 a.md');
});

test('a person’s `bottom` for an evergreen run goes behind every other run', () => {
  const run = (due: number) => `z${String(due).padStart(16, '0')}`;
  const later = { ...everything('queued', false), run: 2, rank: run(1) } as Delivery;
  for (const moved of [moves.skipped(later, 50), moves.movedToBottom(later, 50)])
    expect(moved.rank > run(9e14)).toBe(true);
  const fresh = moves.skipped(everything('queued', false), 50);
  expect(fresh.rank < run(0)).toBe(true);
});
