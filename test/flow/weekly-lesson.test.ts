import { expect, test } from 'vitest';
import { defaultCadence } from '../../src/core/schedule/cadence.ts';
import type { Sample } from '../../src/core/engagement.ts';
import { day, hour } from '../../src/core/time.ts';
import { learnPace, type PaceFact } from '../../src/flow/plan/weekly-lesson.ts';
import { inWorker } from '../../src/io/worker/in-worker.ts';
import type { Aside } from '../../src/ports/aside.ts';
import { createClock } from '../sandbox/clients.ts';
import { makePlace } from '../store/kit.ts';
import { openAccount, settingsOf } from './spend-kit.ts';

/** A Tuesday evening. */
const now = Date.parse('2026-11-24T20:00:00Z');

const samplesOf = (posts: number): Sample[] =>
  Array.from({ length: posts }, (_, i) => now - 2 * day - Math.floor(i / 2) * 9 * hour).flatMap(
    (releasedAt, i) =>
      [1, 6, 24, 48].map((age) => ({
        delivery: `p${i}@x`,
        post: `p${i}`,
        account: 'x',
        network: 'x' as const,
        releasedAt,
        at: releasedAt + age * hour,
        counts: { likes: Math.round((5 + (i % 7)) * (1 - 2 ** (-age / 5))), reposts: i % 3 },
      })),
  );

async function openLearner(samples: Sample[]) {
  await using opened = new AsyncDisposableStack();
  const place = opened.use(await makePlace());
  const store = opened.use(await place.open());
  await store.addSamples(samples);
  const clock = createClock(now);
  const cadence = { ...defaultCadence, zone: 'UTC', perDay: { min: 1, max: 3 } };
  const settings = {
    ...settingsOf([openAccount('http://127.0.0.1:1', {})]),
    cadences: { x: cadence },
    pacing: { mode: 'adaptive' as const, audience: 'mostly-here', evergreen: 'in-turn' as const },
  };
  const learn = (aside?: Aside, stopping?: AbortSignal) =>
    learnPace({ store, clock, settings, ...(aside && { aside }), ...(stopping && { stopping }) });
  const lessons = async () => (await store.findFact<PaceFact>('pace:x'))?.value.lessons ?? [];
  const told = async () =>
    (await store.listJournal({ types: ['notice', 'paced'] })).map(({ text }) => text);
  const all = opened.move();
  return { clock, learn, lessons, told, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

const never: Aside = async () => {
  throw new Error('took longer than 120 seconds');
};

test('a long history teaches the very same in a thread of its own', async () => {
  const samples = samplesOf(300);
  await using here = await openLearner(samples);
  await using there = await openLearner(samples);
  const tasks: string[] = [];
  await here.learn();
  await there.learn((task, input, limits) => {
    tasks.push(task.name);
    return inWorker(task, input, limits);
  });
  expect(tasks).toEqual(['teach']);
  expect(await there.lessons()).toEqual(await here.lessons());
  expect((await here.lessons())[0]?.model.count).toBeGreaterThan(250);
});

test('a short history is learned from at once', async () => {
  await using learner = await openLearner(samplesOf(20));
  await learner.learn(never);
  expect((await learner.lessons())[0]?.model.count).toBe(20);
  expect(await learner.told()).toEqual([]);
});

test('where nothing can be learned the last lesson stands for a week, and it is said once', async () => {
  await using learner = await openLearner(samplesOf(300));
  await learner.learn(inWorker);
  const [first] = await learner.lessons();
  learner.clock.move(6 * day);
  await learner.learn(never);
  const [, second] = await learner.lessons();
  expect(second).toMatchObject({ rate: first?.rate, model: first?.model });
  expect(second?.from).toBe('2026-12-01');
  const told = await learner.told();
  expect(told).toContain(
    'x: nothing could be learned this week, so the last pace stands. ' +
      'Dripline will try again next week (took longer than 120 seconds)',
  );
  await learner.learn(never);
  expect(await learner.told()).toEqual(told);
});

test('the first lesson is what is known without any post where nothing can be learned', async () => {
  await using learner = await openLearner(samplesOf(300));
  await learner.learn(never);
  const [first] = await learner.lessons();
  expect([first?.from, first?.model.count]).toEqual(['2026-11-24', 0]);
  expect(await learner.told()).toHaveLength(1);
});

test('a service that stops waits for no lesson, and keeps what it had', async () => {
  await using learner = await openLearner(samplesOf(300));
  const stopping = new AbortController();
  const endless: Aside = (_, input, limits) =>
    inWorker(
      { module: new URL('../io/tasks.ts', import.meta.url).href, name: 'endless' },
      input,
      limits,
    );
  const learned = learner.learn(endless, stopping.signal);
  stopping.abort();
  await expect(learned).rejects.toThrow('aborted');
  expect(await learner.lessons()).toEqual([]);
  expect(await learner.told()).toEqual([]);
});
