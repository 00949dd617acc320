import fc from 'fast-check';
import { expect, test } from 'vitest';
import { schedule } from '../../src/core/schedule/schedule.ts';
import type { Candidate } from '../../src/core/schedule/schedule-input.ts';
import { day, minute } from '../../src/core/time.ts';
import {
  anyCadence,
  anyInput,
  anyNow,
  broken,
  feed,
  input,
  play,
  posts,
  queues,
  toPast,
} from './schedule-kit.ts';

test('no plan breaks minGap, perDay, a window, a day, a blackout or a term of the post', () => {
  fc.assert(
    fc.property(anyInput, (one) => {
      expect(broken(one, schedule(one).slots)).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

test('whatever a person pins, the rest keeps to the rules around it', () => {
  const pins = fc.array(fc.integer({ min: -10, max: 3 * 24 * 60 }), { maxLength: 5 });
  fc.assert(
    fc.property(anyInput, pins, (one, minutes) => {
      const pinned = minutes.map((offset, i): Candidate => ({
        delivery: `pin${i}`,
        pinnedAt: one.now + offset * minute,
      }));
      const { slots } = schedule({ ...one, candidates: [...one.candidates, ...pinned] });
      const kept = slots.filter(({ delivery }) => delivery.startsWith('pin'));
      expect(new Map(kept.map(({ delivery, at }) => [delivery, at]))).toEqual(
        new Map(pinned.map(({ delivery, pinnedAt }) => [delivery, pinnedAt])),
      );
      const past = [...one.past, ...kept.map(({ at }) => ({ at: Math.max(at, one.now) }))];
      expect(
        broken(
          { ...one, past },
          slots.filter(({ delivery }) => !delivery.startsWith('pin')),
        ),
      ).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('every candidate gets a slot or a reason, exactly once', () => {
  fc.assert(
    fc.property(anyInput, (one) => {
      const { slots, unplaced } = schedule(one);
      expect([...slots, ...unplaced].map(({ delivery }) => delivery).sort()).toEqual(
        one.candidates.map(({ delivery }) => delivery).sort(),
      );
      for (const slot of slots) expect(slot.why).not.toBe('');
      for (const other of unplaced) expect(other.reason).not.toBe('');
      expect(slots.map(({ at }) => at)).toEqual(
        slots.map(({ at }) => at).toSorted((a, b) => a - b),
      );
    }),
    { numRuns: 200 },
  );
});

test('the same input gives the same plan', () => {
  fc.assert(
    fc.property(anyInput, (one) => {
      expect(schedule(structuredClone(one))).toEqual(schedule(one));
    }),
    { numRuns: 100 },
  );
});

test('a post at the end of the queue moves nothing before it', () => {
  fc.assert(
    fc.property(anyInput, (one) => {
      const same = {
        ...one,
        candidates: one.candidates.map(({ delivery, expires }) => ({
          delivery,
          ...(expires === undefined ? {} : { expires }),
        })),
      };
      const before = schedule(same).slots;
      const after = schedule({
        ...same,
        candidates: [...same.candidates, { delivery: 'last' }],
      }).slots;
      expect(after.filter(({ delivery }) => delivery !== 'last')).toEqual(before);
    }),
    { numRuns: 200 },
  );
});

test('a plan made later, between two slots, gives the slots that the earlier one gave', () => {
  const kind = fc.constantFrom<Partial<Candidate>>(
    {},
    {},
    { queue: 'tips' },
    { queue: 'night' },
    { queue: 'plain' },
    { feed },
  );
  const pin = fc.integer({ min: 1, max: 4 * 24 * 60 });
  fc.assert(
    fc.property(
      anyNow,
      anyCadence,
      fc.array(fc.oneof({ weight: 8, arbitrary: kind }, { weight: 1, arbitrary: pin }), {
        minLength: 1,
        maxLength: 20,
      }),
      fc.integer({ min: 1, max: 15 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      (now, cadence, kinds, released, between) => {
        const candidates = kinds.map((own, i): Candidate => ({
          delivery: `p${i}`,
          ...(typeof own === 'number' ? { pinnedAt: now + own * minute } : own),
        }));
        const one = input({ now, cadence, queues, candidates, until: now + 12 * day });
        const { slots } = schedule(one);
        const done = slots.slice(0, released);
        const [last, next] = [done.at(-1)?.at ?? now, slots[done.length]?.at ?? 0];
        const later = Math.floor(last + (next - last) * between);
        fc.pre(later > Math.max(last, now) && later < next);
        const past = done.map((slot) =>
          toPast(
            Math.max(slot.at, now),
            slot,
            one.candidates.find(({ delivery }) => delivery === slot.delivery),
          ),
        );
        const again = schedule({
          ...one,
          now: later,
          past,
          candidates: one.candidates.filter(
            ({ delivery }) => !done.some((slot) => slot.delivery === delivery),
          ),
        });
        expect(again.slots).toEqual(slots.slice(released));
      },
    ),
    { numRuns: 300 },
  );
});

test('whatever is released as planned keeps the rules over weeks', () => {
  fc.assert(
    fc.property(anyInput, (one) => {
      const out = play({ ...one, past: [] }, one.now + 20 * day);
      const slots = out.map(({ at }, i) => ({ delivery: `r${i}`, at, why: '' }));
      const problems = broken(
        {
          ...one,
          past: [],
          until: Infinity,
          queues: {},
          cadence: { ...one.cadence, windows: [{ from: 0, to: 1440 }] },
          candidates: [],
        },
        slots,
      );
      expect(problems.filter((text) => /gap|allowed/.test(text))).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('after three days of downtime with 200 overdue at most one goes out at once, the rest minGap apart', () => {
  fc.assert(
    fc.property(anyNow, anyCadence, (now, cadence) => {
      const one = input({ now, cadence, candidates: posts(200), past: [{ at: now - 3 * day }] });
      const { slots } = schedule(one);
      expect(slots.filter(({ at }) => at <= now).length).toBeLessThanOrEqual(1);
      expect(broken(one, slots)).toEqual([]);
      const dense = play(one, now + 60 * minute);
      expect(dense.length).toBeLessThanOrEqual(cadence.minGapFor > 60 * minute ? 1 : 8);
    }),
    { numRuns: 100 },
  );
});
