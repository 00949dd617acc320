import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KnownPerson } from '../../../src/core/people/condition/judge-person.ts';
import { parsePersonCondition } from '../../../src/core/people/condition/parse-person-condition.ts';
import type { PersonCondition } from '../../../src/core/people/condition/person-condition.ts';
import type { Enrolment } from '../../../src/core/people/enrolment.ts';
import { decideStep, nextStep } from '../../../src/core/people/decide-step.ts';
import type { Sequence, Step } from '../../../src/core/people/sequence.ts';
import { day, hour, localMinutes, weekdays } from '../../../src/core/time.ts';

const start = Date.parse('2026-03-02T08:00:00Z');

const step = (id: string, waitFor = 0, when?: string): Step => ({
  id,
  file: `posts/welcome/${id}.md`,
  hash: id,
  waitFor,
  ...(when === undefined ? {} : { when: read(when) }),
  text: 'Hello',
  params: {},
});

function read(text: string): PersonCondition {
  const parsed = parsePersonCondition(text);
  if ('complaint' in parsed) throw new Error(parsed.complaint.what);
  return parsed.condition;
}

const sequenceOf = (steps: Step[], more: Partial<Sequence> = {}): Sequence => ({
  id: 'welcome',
  title: 'Welcome',
  file: 'posts/welcome/_sequence.yaml',
  hash: '1',
  start: [],
  again: 'never',
  holdout: 0,
  timing: { windows: [{ from: 0, to: 1440 }], days: weekdays },
  by: ['mail'],
  clicks: 'counted',
  steps,
  ...more,
});

const enrolmentOf = (more: Partial<Enrolment> = {}): Enrolment => ({
  id: 'welcome@p-1',
  person: 'p-1',
  sequence: 'welcome',
  run: 1,
  state: 'active',
  by: 'form',
  enteredAt: start,
  isHoldout: false,
  done: [],
  revision: 1,
  ...more,
});

const nobody: KnownPerson = {
  age: 0,
  score: 0,
  touches: 0,
  fields: {},
  acts: [],
  stepOf: () => undefined,
};

const inputOf = (sequence: Sequence, enrolment: Enrolment, now: number) => ({
  sequence,
  enrolment,
  known: nobody,
  now,
  zone: 'Europe/Berlin',
  sentAt: [],
  perWeek: 3,
});

test('what an edit of a running sequence means for whoever is in it', () => {
  const ids = (steps: string[]) => steps.map((id) => step(id));
  const cases: [what: string, done: string[], steps: string[], next: string | undefined][] = [
    ['nothing done', [], ['a', 'b', 'c'], 'a'],
    ['two done', ['a', 'b'], ['a', 'b', 'c'], 'c'],
    ['put in before the place', ['a', 'b'], ['a', 'new', 'b', 'c'], 'c'],
    ['put in behind the place', ['a', 'b'], ['a', 'b', 'new', 'c'], 'new'],
    ['the place is gone', ['a', 'b'], ['a', 'c'], 'c'],
    ['the next one is gone', ['a'], ['a', 'c'], 'c'],
    ['all that was done is gone', ['a', 'b'], ['c'], 'c'],
    ['another order', ['a', 'b'], ['b', 'a', 'c'], 'c'],
    ['everything done', ['a', 'b', 'c'], ['a', 'b', 'c'], undefined],
    ['all are gone', ['a'], [], undefined],
  ];
  for (const [what, done, steps, next] of cases)
    expect(nextStep({ steps: ids(steps) }, { done })?.id, what).toBe(next);
});

test('goal, leave, wait, window, cap and lateness, each with its why', () => {
  const sequence = sequenceOf([step('a'), step('b', 2 * day), step('c', day, 'score >= 10')], {
    goal: read('bought'),
    leave: read('replied'),
    timing: { windows: [{ from: 8 * 60, to: 18 * 60 }], days: ['mon', 'tue', 'wed', 'thu', 'fri'] },
  });
  const at = (enrolment: Enrolment, now: number, more = {}) =>
    decideStep({ ...inputOf(sequence, enrolment, now), ...more });
  const act = (kind: 'bought' | 'replied') => ({ id: kind, person: 'p-1', kind, at: start });
  expect(at(enrolmentOf(), start)).toMatchObject({ do: 'send', step: { id: 'a' } });
  const placed = enrolmentOf({ place: { step: 'a', at: start }, done: ['a'] });
  expect(at(placed, start + day)).toMatchObject({
    do: 'wait',
    until: start + 2 * day,
    why: '2 days after the step before it',
  });
  // Friday evening: Monday morning.
  const friday = Date.parse('2026-03-06T19:00:00Z');
  expect(at(enrolmentOf({ enteredAt: friday }), friday)).toMatchObject({
    do: 'wait',
    until: Date.parse('2026-03-09T07:00:00Z'),
  });
  expect(at(placed, start + 20 * day)).toMatchObject({ do: 'pass', because: 'late' });
  const capped = { sentAt: [start, start + 1, start + 2].map((one) => one + 2 * day - hour) };
  expect(at(placed, start + 2 * day, capped)).toMatchObject({
    do: 'wait',
    until: start + 9 * day - hour,
    why: expect.stringContaining('3 a week'),
  });
  const last = enrolmentOf({ place: { step: 'b', at: start }, done: ['a', 'b'] });
  expect(at(last, start + day)).toMatchObject({ do: 'pass', because: 'condition' });
  const known = { known: { ...nobody, acts: [act('replied'), act('bought')] } };
  expect(at(placed, start, known)).toMatchObject({ do: 'end', as: 'reached' });
  expect(at(placed, start, { known: { ...nobody, acts: [act('replied')] } })).toMatchObject({
    do: 'end',
    as: 'left',
  });
  const all = enrolmentOf({ done: ['a', 'b', 'c'] });
  expect(at(all, start)).toMatchObject({ do: 'end', as: 'finished' });
});

/** A world in which anything may happen in any order, told by what is in it. */
const worlds = fc.record({
  waits: fc.array(fc.integer({ min: 0, max: 10 * 24 }), { minLength: 1, maxLength: 6 }),
  perWeek: fc.integer({ min: 1, max: 4 }),
  from: fc.integer({ min: 0, max: 22 }),
  length: fc.integer({ min: 1, max: 12 }),
  /** Hours until the next look; a number of days is a machine that sleeps. */
  looks: fc.array(fc.integer({ min: 0, max: 24 * 12 }), { minLength: 10, maxLength: 80 }),
  edits: fc.array(fc.tuple(fc.integer({ min: 0, max: 79 }), fc.integer({ min: 0, max: 5 })), {
    maxLength: 6,
  }),
});

type World = typeof worlds extends fc.Arbitrary<infer W> ? W : never;

function play({ waits, perWeek, from, length, looks, edits }: World) {
  const zone = 'America/New_York';
  const window = { from: from * 60, to: Math.min(1440, (from + length) * 60) };
  let steps = waits.map((hours, i) => step(`s${i}`, hours * hour));
  let enrolment = enrolmentOf();
  const sent: { step: string; at: number; minutes: number }[] = [];
  let now = start;
  for (const [i, look] of looks.entries()) {
    now += look * hour;
    for (const [when, where] of edits)
      if (when === i) steps = steps.toSpliced(where, where % 2, step(`new${i}`, hour));
    const sequence = sequenceOf(steps, { timing: { windows: [window], days: weekdays } });
    const sentAt = sent.map(({ at }) => at);
    const input = { ...inputOf(sequence, enrolment, now), zone, sentAt, perWeek };
    const decision = decideStep(input);
    expect(decideStep(input)).toEqual(decision);
    if (decision.do === 'wait') {
      expect(decision.until).toBeGreaterThan(now);
      enrolment = { ...enrolment, nextAt: decision.until };
      continue;
    }
    if (decision.do === 'end') break;
    const { id } = decision.step;
    if (decision.do === 'send') sent.push({ step: id, at: now, minutes: localMinutes(now, zone) });
    enrolment = { ...enrolment, done: [...enrolment.done, id], place: { step: id, at: now } };
  }
  return { sent, window };
}

test('no step twice, never outside the hours, never more than the cap, whatever happens', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const { sent, window } = play(world);
      expect(new Set(sent.map((one) => one.step)).size).toBe(sent.length);
      for (const { minutes } of sent) {
        expect(minutes).toBeGreaterThanOrEqual(window.from);
        expect(minutes).toBeLessThan(window.to);
      }
      for (const [i, { at }] of sent.entries()) {
        const before = sent[i - world.perWeek];
        if (before) expect(at - before.at).toBeGreaterThanOrEqual(7 * day);
      }
    }),
    { numRuns: 500 },
  );
});
