import { expect, test } from 'vitest';
import { defaultCadence } from '../../src/core/schedule/cadence.ts';
import type { Delivery } from '../../src/core/delivery/delivery.ts';
import type { Campaign } from '../../src/core/settings.ts';
import { day, hour } from '../../src/core/time.ts';
import { ingestPosts } from '../../src/flow/ingest/ingest.ts';
import { computePlan } from '../../src/flow/plan/plan.ts';
import { readTouches } from '../../src/flow/plan/campaign-caps.ts';
import { createClock } from '../sandbox/clients.ts';
import { alter, makeDelivery, makePlace, makePost } from '../store/kit.ts';
import { openAccount, settingsOf } from './spend-kit.ts';
import { measuredSoon, openWorld, until } from './world.ts';

const start = Date.parse('2026-11-24T20:00:00Z');

/** What went out so long ago, to so many views. */
interface Gone {
  agoFor: number;
  views?: number;
  campaign?: string;
}

interface Story {
  gone: Record<string, Gone>;
  queue?: Record<string, Partial<Delivery>>;
  followers?: number;
  campaigns?: Record<string, Partial<Campaign>>;
}

/**
 * An account at X in a store, on the evening of 24 November; three releases a day, at whatever
 * hour.
 */
async function openStory({ gone, queue = {}, followers = 1000, campaigns = {} }: Story) {
  await using opened = new AsyncDisposableStack();
  const place = opened.use(await makePlace());
  const store = opened.use(await place.open());
  const clock = createClock(start);
  const settings = {
    ...settingsOf([openAccount('http://127.0.0.1:1')]),
    cadences: {
      x: {
        ...defaultCadence,
        zone: 'UTC',
        perDay: { min: 3, max: 3 },
        windows: [{ from: 0, to: 1440 }],
      },
    },
    campaigns: Object.fromEntries(
      Object.entries(campaigns).map(([name, one]) => [
        name,
        { touches: 29, touchesPerWeek: 3, utm: {}, ...one },
      ]),
    ),
  };
  const x = { account: 'x', network: 'x' as const };
  await store.addDeliveries([
    ...Object.entries(gone).map(([name, { agoFor, campaign = 'spring' }]) =>
      makeDelivery(name, {
        ...x,
        state: 'released',
        startedAt: start - agoFor,
        terms: { hash: 'h', campaign },
      }),
    ),
    ...Object.entries(queue).map(([name, changes]) => makeDelivery(name, { ...x, ...changes })),
  ]);
  await store.addSamples(
    Object.entries(gone).flatMap(([name, { agoFor, views }]) =>
      views === undefined
        ? []
        : [
            {
              ...x,
              delivery: `${name}@x`,
              post: name,
              releasedAt: start - agoFor,
              at: start,
              counts: { likes: 1, views },
            },
          ],
    ),
  );
  if (followers > 0)
    await store.putFact('people:x', { followers: [{ date: '2026-11-24', count: followers }] }, 0);
  const context = { store, clock, settings };
  const all = opened.move();
  return { ...context, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

const spring = { terms: { hash: 'h', campaign: 'spring' } };

test('touches are views for each follower, of each campaign by itself, in all and in seven days', async () => {
  await using story = await openStory({
    gone: {
      a: { agoFor: 20 * day, views: 1500 },
      b: { agoFor: 2 * day, views: 500 },
      c: { agoFor: day, views: 400, campaign: 'autumn' },
    },
    campaigns: { spring: { touches: 10 } },
  });
  expect(await readTouches(story)).toEqual([
    {
      campaign: 'autumn',
      account: 'x',
      releases: 1,
      towards: 29,
      perWeek: 3,
      perFollower: 0.4,
      lastWeek: 0.4,
      isEstimated: false,
    },
    {
      campaign: 'spring',
      account: 'x',
      releases: 2,
      towards: 10,
      perWeek: 3,
      perFollower: 2,
      lastWeek: 0.5,
      isEstimated: false,
    },
  ]);
  expect(await readTouches(story, { campaign: 'autumn', account: 'x' })).toHaveLength(1);
  expect(await readTouches(story, { account: 'nobody' })).toEqual([]);
});

test('what nobody has counted is reckoned, and said to be', async () => {
  const gone = { a: { agoFor: 20 * day, views: 1500 }, b: { agoFor: 2 * day } };
  await using story = await openStory({ gone });
  expect(await readTouches(story)).toMatchObject([{ perFollower: 3, isEstimated: true }]);
  // Nobody knows how many follow: one in ten of them for each release.
  await using unknown = await openStory({ gone, followers: 0 });
  expect(await readTouches(unknown)).toMatchObject([{ perFollower: 0.2, isEstimated: true }]);
});

test('what went out more than 26 weeks ago is forgotten by then', async () => {
  await using story = await openStory({
    gone: { a: { agoFor: 183 * day, views: 5000 }, b: { agoFor: 181 * day, views: 500 } },
  });
  expect(await readTouches(story)).toMatchObject([{ releases: 1, perFollower: 0.5 }]);
});

test('a campaign that was seen often enough this week goes on when the week allows, and the others take its place', async () => {
  await using story = await openStory({
    gone: { a: { agoFor: 5 * day, views: 2500 }, b: { agoFor: day, views: 900 } },
    queue: { c: spring, d: {}, e: spring },
  });
  const { schedule } = await computePlan(story, 'x');
  const [first, second, third] = schedule.slots;
  expect(schedule.slots.map(({ delivery }) => delivery)).toEqual(['d@x', 'c@x', 'e@x']);
  expect(first?.at).toBeLessThan(start + day);
  expect(second?.at).toBeGreaterThanOrEqual(start + 2 * day);
  expect(second?.at).toBeLessThan(start + 2 * day + 12 * hour);
  expect(second?.why).toMatch(
    /; not before Thu 26 Nov 20:00, since each follower has seen the campaign 3\.4 times in seven days; the cap is 3 a week$/,
  );
  expect(third?.why).not.toContain('cap');
  // A cap of its own lets it go at once.
  story.settings.campaigns = { spring: { touches: 29, touchesPerWeek: 4, utm: {} } };
  expect((await computePlan(story, 'x')).schedule.slots.map(({ delivery }) => delivery)).toEqual([
    'c@x',
    'd@x',
    'e@x',
  ]);
});

test('a campaign at its end waits and says what to do, and the rest of the queue goes on', async () => {
  await using story = await openStory({
    gone: { a: { agoFor: 30 * day, views: 2100 } },
    queue: { c: spring, d: {}, e: { terms: { hash: 'h', campaign: 'autumn' } } },
    campaigns: { spring: { touches: 2 } },
  });
  const { schedule } = await computePlan(story, 'x');
  expect(schedule.slots.map(({ delivery }) => delivery)).toEqual(['d@x', 'e@x']);
  expect(schedule.unplaced).toEqual([
    {
      delivery: 'c@x',
      state: 'waiting',
      because: 'campaign-cap',
      reason:
        'each follower has seen the campaign 2.1 times on average; its cap is 2: raise campaigns.spring.touches, or withdraw it',
    },
  ]);
});

test('a date and a word of the user are obeyed at the cap, with a warning', async () => {
  const at = Date.parse('2026-11-25T10:00:00Z');
  await using story = await openStory({
    gone: { a: { agoFor: 2 * day, views: 2100 } },
    queue: {
      b: spring,
      minute: { terms: { ...spring.terms, pin: { at } } },
      date: { terms: { ...spring.terms, pin: { date: '2026-11-26' } } },
      said: { ...spring, pinnedAt: start },
      other: { pinnedAt: start + 5 * hour },
    },
    campaigns: { spring: { touches: 2 } },
  });
  const { schedule } = await computePlan(story, 'x');
  const why = Object.fromEntries(schedule.slots.map((slot) => [slot.delivery, slot.why]));
  expect(Object.keys(why).sort()).toEqual(['date@x', 'minute@x', 'other@x', 'said@x']);
  for (const id of ['minute@x', 'date@x', 'said@x'])
    expect(why[id]).toMatch(
      /\(obeyed, though each follower has seen the campaign 2\.1 times on average; its cap is 2\)$/,
    );
  expect(why['other@x']).not.toContain('campaign');
  expect(schedule.unplaced.map(({ delivery }) => delivery)).toEqual(['b@x']);
});

test('a follow-up whose time runs out at the cap says so', async () => {
  const followUp = {
    of: 'a@x',
    as: 'post' as const,
    else: 'skip' as const,
    notBefore: start - 2 * day,
    expires: start,
  };
  await using story = await openStory({
    gone: { a: { agoFor: 2 * day, views: 3100 } },
    queue: { 'a.f1': { terms: { ...spring.terms, followUp } } },
  });
  const { schedule } = await computePlan(story, 'x');
  expect(schedule.unplaced).toMatchObject([
    {
      state: 'expired',
      reason: expect.stringMatching(/; each follower has seen the campaign 3\.1 times/),
    },
  ]);
});

test('an edit moves what is not out to another campaign, later runs included, and leaves what is out where it was', async () => {
  await using story = await openStory({ gone: {} });
  const post = (campaign: string | undefined, hash: string) => [
    makePost('a', {
      hash,
      evergreen: { everyFor: hour, variants: [] },
      ...(campaign === undefined ? {} : { campaign }),
    }),
  ];
  await ingestPosts(story, post('spring', 'h1'));
  const terms = async () =>
    Object.fromEntries(
      (await story.store.listDeliveries({ post: 'a' })).map(({ id, terms: { campaign } }) => [
        id,
        campaign,
      ]),
    );
  expect(await terms()).toEqual({ 'a@x': 'spring' });
  const first = await story.store.findDelivery('a@x');
  if (!first) throw new Error('not there');
  await story.store.changeDelivery(first, alter(first, { state: 'released', startedAt: start }));
  await story.store.addDeliveries([
    makeDelivery('a', { id: 'a~2@x', account: 'x', network: 'x', run: 2, terms: first.terms }),
  ]);
  await ingestPosts(story, post('autumn', 'h2'));
  expect(await terms()).toEqual({ 'a@x': 'spring', 'a~2@x': 'autumn' });
  await ingestPosts(story, post(undefined, 'h3'));
  expect(await terms()).toEqual({ 'a@x': 'spring', 'a~2@x': undefined });
});

test('a campaign that its audience has seen enough of stops by itself, is told of once, and goes on by a word', async () => {
  const rule = 'followUps: [{ when: "likes >= 20", within: 1h, as: reply, text: "More." }]';
  await using world = await openWorld({
    yaml: 'cadence: { perDay: 3, windows: ["00:00-24:00"], minGap: 1h }\npacing: { mode: steady }\ncampaigns: { spring: { touches: 4 } }',
    files: {
      'posts/first.md': '---\nqueue: none\n---\nFirst',
      'posts/010-a.md': `---\ncampaign: spring\nnetworks: [x]\n${rule}\n---\nA`,
      'posts/020-b.md': '---\ncampaign: spring\nnetworks: [x]\n---\nB',
    },
    imagine: ({ text }) => ({ likes: text === 'A' ? 25 : 1, views: 12_000 }),
  });
  await using served = await world.serve({ timing: { ...measuredSoon, followersEvery: 200 } });
  await world.say('resume');
  const { store } = served.context;
  // Nobody asks who follows an account that has said nothing yet.
  await world.say('now first@x');
  await until(
    'the followers',
    async () =>
      (await store.findFact<{ followers: unknown[] }>('people:x'))?.value.followers.length,
  );
  await world.say('now a@x');
  // 12000 views for 2400 followers are five touches, and four are the cap: the follow-up belongs to
  // the campaign, too.
  const isHeld = async (id: string) => {
    const found = await store.findDelivery(id);
    return found?.state === 'waiting' && found.reason?.includes('its cap is 4') ? found : undefined;
  };
  const followUp = await until('the follow-up is held', () => isHeld('a.f1@x'));
  expect([followUp.terms.campaign, followUp.terms.followUp?.of]).toEqual(['spring', 'a@x']);
  await until('b is held', () => isHeld('b@x'));
  expect(await world.say('now b@x')).toMatchObject([{ state: 'released' }]);
  await until(
    'both are counted',
    async () => (await readTouches(served.context))[0]?.perFollower === 10,
  );
  expect(world.texts('x')).toEqual(['First', 'A', 'B']);
  const notices = (await store.listJournal({ types: ['notice'] })).filter(({ text }) =>
    text?.includes('campaign spring'),
  );
  expect(notices).toMatchObject([
    { account: 'x', text: expect.stringContaining('Raise campaigns.spring.touches') },
  ]);
});
