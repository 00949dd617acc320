import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countFor } from '../../src/core/schedule/cadence.ts';
import type { Candidate, ScheduleInput } from '../../src/core/schedule/schedule-input.ts';
import { schedule } from '../../src/core/schedule/schedule.ts';
import { addDays, hour, localDate, minute } from '../../src/core/time.ts';
import { anyInput } from '../core/schedule-kit.ts';
import { inputs } from './kit.ts';

const runs = inputs(400, 20_000);

const anyPin = fc.oneof(
  fc.record({ minutes: fc.integer({ min: -10, max: 4 * 24 * 60 }) }),
  fc.record({ days: fc.integer({ min: 0, max: 4 }), hours: fc.integer({ min: 0, max: 30 }) }),
);

/** What a person named a minute or a day for, some of it not before an hour of its own. */
const toPin =
  (one: ScheduleInput) =>
  (pin: { minutes: number } | { days: number; hours: number }, i: number): Candidate => {
    const delivery = `pin${i}`;
    if ('minutes' in pin) return { delivery, pinnedAt: one.now + pin.minutes * minute };
    const pinnedDate = addDays(localDate(one.now, one.cadence.zone), pin.days);
    return { delivery, pinnedDate, notBefore: one.now + pin.hours * hour };
  };

/** The dates on which there is more than the cadence allows, and something is Dripline's choice. */
function overfull(one: ScheduleInput, all: Candidate[]): string[] {
  const { cadence, now, ceiling, perDay, past } = one;
  const onDate = (at: number) => localDate(Math.max(at, now), cadence.zone);
  const isPin = (delivery: string) => delivery.startsWith('pin');
  const slots = schedule({ ...one, candidates: all }).slots.filter(({ at }) => at <= one.until);
  const chosen = slots.filter(({ delivery }) => !isPin(delivery));
  const total = Map.groupBy(
    [...slots.map(({ at }) => onDate(at)), ...past.map(({ at }) => localDate(at, cadence.zone))],
    (date) => date,
  );
  return [...new Set(chosen.map(({ at }) => onDate(at)))].filter((date) => {
    const allowed = Math.max(countFor(perDay, date), countFor(ceiling, date));
    return (total.get(date)?.length ?? 0) > allowed;
  });
}

test(`what is named for a day has its place in perDay before the rest (${runs} queues)`, () => {
  fc.assert(
    fc.property(
      anyInput,
      fc.array(anyPin, { maxLength: 5 }),
      fc.integer({ min: 0, max: 3 }),
      (one, pins, followUps) => {
        const following = Array.from({ length: followUps }, (_, i): Candidate => ({
          delivery: `follow${i}`,
          isFollowUp: true,
        }));
        expect(overfull(one, [...following, ...one.candidates, ...pins.map(toPin(one))])).toEqual(
          [],
        );
      },
    ),
    { numRuns: runs },
  );
});
