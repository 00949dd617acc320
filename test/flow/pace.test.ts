import { expect, test } from 'vitest';
import { minute } from '../../src/core/time.ts';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { openMovableClock, openWorld, quick, until, type World } from './world.ts';

const hourly =
  'cadence: { perDay: 20-24, windows: ["00:00-24:00"], days: [mon, tue, wed, thu, fri, sat, sun], minGap: 10m }';
const posts = Object.fromEntries(
  Array.from({ length: 40 }, (_, i) => [
    `posts/${100 + i}-p${i}.md`,
    `---\nnetworks: masto\n---\nPost ${i}.`,
  ]),
);

async function postByHand({ sandbox }: World, status: string): Promise<void> {
  const [, , { token }] = defaultPeople;
  const answer = await fetch(`${sandbox.baseUrls.mastodon}/api/v1/statuses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: new URLSearchParams({ status }),
  });
  expect(answer.status).toBe(200);
}

test(
  'a release steps aside when a person has posted by hand within minGap, and is planned behind it',
  { timeout: 30_000 },
  async () => {
    const clock = openMovableClock();
    await using world = await openWorld({ yaml: hourly, files: posts, clock });
    await using served = await world.serve({ timing: { ...quick, sweepEvery: 100 } });
    await world.say('resume');
    const { store } = served.context;
    const first = () =>
      store
        .listDeliveries({ account: 'masto', states: ['planned'], order: 'at', limit: 1 })
        .then(([one]) => one);
    const isAhead = (at = 0) => at > clock.now() + 4 * minute;
    // What passed before the service was told to go on is not made up for.
    const nearest = await until('a plan', async () => {
      const one = await first();
      return one && (one.at ?? 0) > clock.now() ? one : undefined;
    });
    if (!isAhead(nearest.at)) {
      clock.move((nearest.at ?? 0) + 1000 - clock.now());
      await until('its release', () => world.texts('mastodon').length === 1);
    }
    const next = await until('a slot that is some minutes ahead', async () => {
      const one = await first();
      return one && isAhead(one.at) ? one : undefined;
    });
    const slot = next.at ?? 0;
    const before = world.texts('mastodon').length;
    clock.move(slot - 3 * minute - clock.now());
    await postByHand(world, 'Said by a person.');
    const saidAt = clock.now();
    clock.move(slot + 1000 - clock.now());
    const entry = await until('it steps aside', async () =>
      (await world.say('journal')).find(
        ({ type, text }: any) => type === 'paced' && text.includes('steps aside'),
      ),
    );
    expect(entry.text).toContain(`${next.id} steps aside`);
    const moved = await until('its new slot', async () => {
      const one = await store.findDelivery(next.id);
      return one?.state === 'planned' && one.at !== slot ? one : undefined;
    });
    expect(moved.at).toBeGreaterThanOrEqual(saidAt + 10 * minute - 1000);
    expect(world.texts('mastodon')).toHaveLength(before + 1);
    clock.move((moved.at ?? 0) + 1000 - clock.now());
    await until('its release', () => world.texts('mastodon').length === before + 2);
  },
);

test('what was learned chooses the slots, and each says from how much and how sure', async () => {
  await using world = await openWorld({ yaml: hourly, files: posts });
  await using served = await world.serve();
  const queue = await until('a plan', async () => {
    const rows = await world.say<any[]>('queue --account=masto');
    return rows.some(({ at }) => at !== undefined) ? rows : undefined;
  });
  expect(queue.find(({ at }) => at !== undefined).why).toMatch(
    /^slot \d+ of \d+ on .*: about [\d.]+ times your usual post \(80 % range .*from the general pattern alone.*no real difference/,
  );
  const fact = await served.context.store.findFact<any>('pace:masto');
  expect(fact?.value.lessons).toHaveLength(1);
  expect(fact?.value.lessons[0].rate).toBeGreaterThanOrEqual(20);
  expect(fact?.value.lessons[0].rate).toBeLessThanOrEqual(24);
});

test('a warning of the network halves the rate for a week, and is told once', async () => {
  const clock = openMovableClock();
  await using world = await openWorld({ yaml: hourly, files: posts, clock });
  world.sandbox.misbehave({
    network: 'mastodon',
    route: '^POST /api/v1/statuses',
    how: '429',
    times: 1,
  });
  await using served = await world.serve({ timing: { ...quick, sweepEvery: 100 } });
  await world.say('resume');
  await until(
    'a plan',
    async () =>
      (await served.context.store.countDeliveries({ account: 'masto', states: ['planned'] })) > 0,
  );
  await world.say('now p0@masto');
  await until('the warning', async () =>
    (await served.context.store.listJournal({ types: ['deferred'] })).some(
      ({ data }) => data?.['isWarning'] === true,
    ),
  );
  await world.say('move p5 bottom');
  const notice = await until('the notice', async () =>
    (await served.context.store.listJournal({ types: ['notice'] })).find(({ text }) =>
      text?.includes('half the rate'),
    ),
  );
  expect(notice.text).toContain('masto: half the rate for a week');
  const days = await until('fewer a day', async () => {
    const rows = await world.say<any[]>('plan --days=8');
    const counts = new Map<string, number>();
    for (const { account, at } of rows)
      if (account === 'masto') counts.set(at.slice(0, 10), (counts.get(at.slice(0, 10)) ?? 0) + 1);
    const whole = [...counts.values()].slice(1, 4);
    return whole.length === 3 && whole.every((count) => count <= 13) ? whole : undefined;
  });
  expect(Math.min(...days)).toBeGreaterThanOrEqual(8);
});
