import { expect, test } from 'vitest';
import { lessonOn } from '../../src/core/schedule/pace.ts';
import { addDays, localDate, minute } from '../../src/core/time.ts';
import type { PaceFact } from '../../src/flow/plan/weekly-lesson.ts';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { openMovableClock, openWorld, quick, tuesday, until, type World } from './world.ts';

const everyDay = 'days: [mon, tue, wed, thu, fri, sat, sun]';
const hourly = `cadence: { perDay: 20-24, windows: ["00:00-24:00"], ${everyDay}, minGap: 10m }`;
const posts = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `posts/${100 + i}-p${i}.md`,
      `---\nnetworks: masto\n---\nPost ${i}.`,
    ]),
  );

interface Row {
  account: string;
  at?: string;
  why?: string;
}

async function postByHand({ sandbox }: World, status: string): Promise<void> {
  const [, , { token }] = defaultPeople;
  const answer = await fetch(`${sandbox.baseUrls.mastodon}/api/v1/statuses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: new URLSearchParams({ status }),
  });
  expect(answer.status).toBe(200);
}

test('a release steps aside when a person has posted by hand within minGap, and is planned behind it', async () => {
  const clock = openMovableClock(tuesday);
  await using world = await openWorld({ yaml: hourly, files: posts(40), clock });
  await using served = await world.serve({ timing: { ...quick, sweepEvery: 100 } });
  const { store } = served.context;
  // What passed before the service was told to go on is not made up for: the first slot is the next
  // one of the date.
  await world.say('resume');
  const next = await until('a slot that is some minutes ahead', async () => {
    const [first] = await store.listDeliveries({
      account: 'masto',
      states: ['planned'],
      order: 'at',
      limit: 1,
    });
    return first?.at !== undefined && first.at > clock.now() + 4 * minute
      ? { id: first.id, at: first.at }
      : undefined;
  });
  clock.move(next.at - 3 * minute - clock.now());
  const saidAt = clock.now();
  await postByHand(world, 'Said by a person.');
  clock.move(next.at + 1000 - clock.now());
  const entry = await until('it steps aside', async () =>
    (await store.listJournal({ types: ['paced'] })).find(({ text }) =>
      text?.includes('posted by hand'),
    ),
  );
  expect(entry.text).toContain(`${next.id} waits until`);
  const moved = await until('its new slot', async () => {
    const one = await store.findDelivery(next.id);
    return one?.state === 'planned' && one.at !== next.at ? one : undefined;
  });
  expect(moved.at).toBeGreaterThanOrEqual(saidAt + 10 * minute);
  expect(world.texts('mastodon')).toEqual(['Said by a person.']);
  clock.move((moved.at ?? 0) + 1000 - clock.now());
  await until('its release', () => world.texts('mastodon').length === 2);
});

test('what was learned chooses the slots, and each says from how much and how sure', async () => {
  await using world = await openWorld({ yaml: hourly, files: posts(40) });
  await using served = await world.serve();
  const first = await until('a plan', async () =>
    (await world.say<Row[]>('queue --account=masto')).find(({ at }) => at !== undefined),
  );
  expect(first.why).toMatch(
    /^slot \d+ of \d+ on .*: about [\d.]+ times a post at an average time \(80 % range .*from the general pattern alone.*no real difference/,
  );
  const fact = await served.context.store.findFact<PaceFact>('pace:masto');
  expect(fact?.value.lessons).toHaveLength(1);
  expect(fact?.value.lessons[0]?.rate).toBeGreaterThanOrEqual(20);
  expect(fact?.value.lessons[0]?.rate).toBeLessThanOrEqual(24);
});

/** How many releases the account's plan has on each of the three whole days after today. */
async function countDays(world: World, today: string): Promise<number[]> {
  const rows = await world.say<Required<Row>[]>('plan --days=5');
  const dates = rows
    .filter(({ account }) => account === 'masto')
    .map(({ at }) => localDate(Date.parse(at), 'Europe/Berlin'));
  return [1, 2, 3].map((ahead) => dates.filter((date) => date === addDays(today, ahead)).length);
}

test.each([
  ['in the middle of a week', '2026-11-24T10:20:00Z'],
  ['on a Saturday night', '2026-11-28T01:45:00Z'],
  ['on a Sunday evening, when the next week is learned', '2026-12-06T21:30:00Z'],
  ["at a year's end", '2026-12-31T22:58:00Z'],
  ['before the clocks go forward', '2027-03-27T22:30:00Z'],
  ['on a leap day', '2028-02-29T12:00:00Z'],
])(
  'a warning of the network %s halves the rate for a week, and is told once',
  async (_when, from) => {
    const clock = openMovableClock(Date.parse(from));
    const today = localDate(clock.now(), 'Europe/Berlin');
    // More than four whole days take: a queue that ends has fewer on its last day.
    await using world = await openWorld({ yaml: hourly, files: posts(70), clock });
    world.sandbox.misbehave({
      network: 'mastodon',
      route: '^POST /api/v1/statuses',
      how: '429',
      times: 1,
    });
    await using served = await world.serve({ timing: { ...quick, sweepEvery: 100 } });
    const { store } = served.context;
    const findNotices = async () =>
      (await store.listJournal({ types: ['notice'] })).filter(({ text }) =>
        text?.includes('half the rate'),
      );
    await world.say('resume');
    await until(
      'a plan',
      async () => (await store.countDeliveries({ account: 'masto', states: ['planned'] })) > 0,
    );
    await world.say('now p0@masto');
    await until('the warning', async () =>
      (await store.listJournal({ types: ['deferred'] })).some(
        (one) => one.type === 'deferred' && one.data?.isWarning === true,
      ),
    );
    await world.say('move p5 bottom');
    const [notice] = await until('the notice', async () => {
      const notices = await findNotices();
      return notices.length ? notices : undefined;
    });
    expect(notice?.text).toContain('masto: half the rate for a week');
    const pace = (await store.findFact<PaceFact>('pace:masto'))?.value ?? { lessons: [] };
    const halves = [1, 2, 3].map((ahead) => (lessonOn(pace, addDays(today, ahead))?.rate ?? 0) / 2);
    const days = await until('fewer a day', async () => {
      const counts = await countDays(world, today);
      return counts.every((count, i) => count <= Math.ceil(halves[i] ?? 0)) ? counts : undefined;
    });
    expect(Math.min(...halves)).toBeGreaterThanOrEqual(10);
    for (const [i, count] of days.entries())
      expect(count).toBeGreaterThanOrEqual(Math.floor(halves[i] ?? 0));
    expect(await findNotices()).toHaveLength(1);
  },
);
