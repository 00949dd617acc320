import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Company, commonSlots } from '../../src/core/schedule/common-slot.ts';
import { schedule } from '../../src/core/schedule/schedule.ts';
import type { Candidate, ScheduleInput } from '../../src/core/schedule/schedule-input.ts';
import { day, formatLocal, hour, type Instant, minute } from '../../src/core/time.ts';
import {
  anyCadence,
  anyCandidates,
  anyNow,
  anyPast,
  broken,
  cadence,
  input,
  posts,
  queues,
  start,
} from './schedule-kit.ts';

type Sides = ReadonlyMap<string, ScheduleInput>;

/** The posts of these numbers share a slot. */
function companiesOf(sides: Sides, shared: readonly string[]): Company[] {
  return shared.flatMap((run) => {
    const members = [...sides].flatMap(([account, one]) => {
      const slot = schedule(one).slots.find(({ delivery }) => delivery === run);
      const candidate = one.candidates.find(({ delivery }) => delivery === run);
      return slot && candidate ? [{ account, candidate, at: slot.at }] : [];
    });
    return members.length > 1 ? [{ run, members }] : [];
  });
}

function planAll(sides: Sides, shared: readonly string[]) {
  const companies = companiesOf(sides, shared);
  const slots = commonSlots(sides, companies);
  const plans = new Map(
    [...sides].map(([account, one]) => {
      const candidates = one.candidates.map((candidate): Candidate => {
        const at = slots.get(candidate.delivery);
        const company = companies.find(({ run }) => run === candidate.delivery);
        const isIn = company?.members.some((member) => member.account === account);
        return at !== undefined && isIn
          ? { ...candidate, common: { at, why: 'shared' } }
          : candidate;
      });
      return [account, schedule({ ...one, candidates }).slots] as const;
    }),
  );
  return { slots, companies, plans };
}

const anySides = anyNow.chain((now) => {
  const side = (account: string) =>
    fc
      .record({ cadence: anyCadence, candidates: anyCandidates(now), past: anyPast(now) })
      .map((one) => input({ ...one, account, now, until: now + 10 * day, queues }));
  return fc
    .tuple(side('x'), side('bsky'), side('masto'))
    .map((all): Sides => new Map(all.map((one) => [one.account, one])));
});

const shared = ['p0', 'p2', 'p3', 'p5', 'p8'];

test('gaps, windows, days and numbers hold on each account, whatever is shared', () => {
  fc.assert(
    fc.property(anySides, (sides) => {
      const { plans } = planAll(sides, shared);
      for (const [account, slots] of plans) {
        const one = sides.get(account);
        expect(one && broken(one, slots)).toEqual([]);
      }
    }),
    { numRuns: 150 },
  );
});

test('a shared slot is one instant on all its accounts; the same input gives the same plan', () => {
  fc.assert(
    fc.property(anySides, (sides) => {
      const { slots, companies, plans } = planAll(sides, shared);
      for (const [run, at] of slots)
        for (const { account } of companies.find((one) => one.run === run)?.members ?? [])
          expect(plans.get(account)?.find(({ delivery }) => delivery === run)?.at).toBe(at);
      expect(planAll(sides, shared).plans).toEqual(plans);
    }),
    { numRuns: 60 },
  );
});

const berlin = 'Europe/Berlin';
const tell = (at: Instant | undefined) => at && formatLocal(at, berlin);

const sidesOf = (changes: Record<string, Partial<ScheduleInput>>): Sides =>
  new Map(Object.entries(changes).map(([account, one]) => [account, input({ account, ...one })]));

test('it is the turn of the last account, where the others allow it', () => {
  const morning = cadence({ perDay: { min: 1, max: 1 }, windows: [{ from: 540, to: 720 }] });
  const late = cadence({ perDay: { min: 1, max: 1 }, windows: [{ from: 660, to: 1080 }] });
  const sides = sidesOf({
    x: { cadence: morning, candidates: posts(3) },
    bsky: { cadence: late, candidates: posts(3) },
  });
  const { slots, plans } = planAll(sides, ['p0', 'p1', 'p2']);
  for (const at of slots.values()) expect(tell(at)).toMatch(/ 1[1-2]:\d\d$/);
  expect([...slots.values()].map((at) => Math.round((at - start) / day))).toEqual([0, 1, 2]);
  for (const own of plans.values()) expect(own).toHaveLength(3);
});

test('where the accounts have no hour in common, none is found', () => {
  const sides = sidesOf({
    x: { cadence: cadence({ windows: [{ from: 540, to: 600 }] }), candidates: posts(2) },
    bsky: { cadence: cadence({ windows: [{ from: 1020, to: 1080 }] }), candidates: posts(2) },
  });
  expect(planAll(sides, ['p0', 'p1']).slots.size).toBe(0);
});

test('the slot of the plan before stays while other posts are published', () => {
  const sides = sidesOf({
    x: { cadence: cadence({ perDay: { min: 1, max: 1 } }), candidates: posts(1) },
    bsky: { cadence: cadence({ perDay: { min: 2, max: 2 } }), candidates: posts(6) },
  });
  const [company] = companiesOf(sides, ['p0']);
  if (!company) throw new Error('there is none');
  const at = commonSlots(sides, [company]).get('p0') ?? 0;
  const later = (by: number, keptAt?: Instant): Company => ({
    ...company,
    members: company.members.map((one) => ({
      ...one,
      at: one.at + by,
      ...(keptAt === undefined ? {} : { keptAt }),
    })),
  });
  expect(commonSlots(sides, [later(0, at)]).get('p0')).toBe(at);
  expect(commonSlots(sides, [later(day)]).get('p0')).not.toBe(at);
  expect(commonSlots(sides, [later(day, at)]).get('p0')).toBe(at);
  const taken = { at: at - 5 * minute };
  const moved = new Map([...sides].map(([name, one]) => [name, { ...one, past: [taken] }]));
  expect(commonSlots(moved, [later(hour, at)]).get('p0')).not.toBe(at);
});
