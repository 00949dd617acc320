import { expect, test } from 'vitest';
import { readStats } from '../../src/commands/stats/stats-read.ts';
import { tellStats } from '../../src/commands/stats/stats-text.ts';
import { stats } from '../../src/commands/stats/stats.ts';
import type { CommandContext } from '../../src/commands/command.ts';
import { defaultCadence } from '../../src/core/schedule/cadence.ts';
import type { Counts } from '../../src/core/engagement.ts';
import type { Settings } from '../../src/core/settings.ts';
import { day, hour, type Instant } from '../../src/core/time.ts';
import { learnPace } from '../../src/flow/plan/weekly-lesson.ts';
import { createClock } from '../sandbox/clients.ts';
import { openAccount, settingsOf } from '../flow/spend-kit.ts';
import { measuredSoon, openWorld, until } from '../flow/world.ts';
import { makeDelivery, makeEntry, makePlace, makePost } from '../store/kit.ts';

/** A Tuesday evening. */
const now = Date.parse('2026-11-24T20:00:00Z');

interface Released {
  at: Instant;
  counts?: Counts;
  /** At which age; a look a day later had twice as much. */
  age?: number;
  campaign?: string;
}

interface Story {
  x?: Released[];
  bsky?: Released[];
  settings?: Partial<Settings>;
}

async function openStory({ x = [], bsky = [], settings: more = {} }: Story) {
  await using opened = new AsyncDisposableStack();
  const place = opened.use(await makePlace());
  const store = opened.use(await place.open());
  const clock = createClock(now);
  const cadence = { ...defaultCadence, zone: 'UTC', perDay: { min: 1, max: 3 } };
  const settings: Settings = {
    ...settingsOf([
      openAccount('http://127.0.0.1:1', { budget: 10_000_000 }),
      {
        name: 'bsky',
        network: 'bluesky',
        baseUrl: 'http://127.0.0.1:1',
        handle: 'a.test',
        password: 'p',
        isPinned: true,
      },
    ]),
    cadences: { x: cadence, bsky: cadence },
    ...more,
  };
  for (const [account, network, all] of [
    ['x', 'x', x],
    ['bsky', 'bluesky', bsky],
  ] as const) {
    await store.addDeliveries(
      all.map(({ at, campaign }, i) =>
        makeDelivery(`p${i}`, {
          account,
          network,
          state: 'released',
          startedAt: at,
          terms: { hash: 'h', ...(campaign === undefined ? {} : { campaign }) },
        }),
      ),
    );
    await store.addSamples(
      all.flatMap(({ at, counts, age = 20 * hour }, i) =>
        counts
          ? [
              {
                account,
                network,
                delivery: `p${i}@${account}`,
                post: `p${i}`,
                releasedAt: at,
                at: at + age,
                counts,
              },
            ]
          : [],
      ),
    );
  }
  const context: CommandContext = { store, clock, settings, by: 'cli', version: 'test' };
  const all = opened.move();
  return { ...context, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

const say = (
  context: CommandContext,
  args: string[] = [],
  options: Record<string, string | boolean> = {},
) => stats.run(context, { args, options });

/** So many a day in the days before now, each as the function says. */
const daily = (days: number, toCounts: (daysAgo: number) => Counts): Released[] =>
  Array.from({ length: days }, (_, i) => ({ at: now - (i + 1) * day, counts: toCounts(i + 1) }));

const fits = (text: string) => text.split('\n').every((line) => line.length <= 100);

test('numbers are those of the period, and what a network does not give is absent', async () => {
  await using story = await openStory({
    x: [
      { at: now - day, counts: { likes: 10, reposts: 2, replies: 1, quotes: 0, views: 900 } },
      { at: now - 2 * day, counts: { likes: 5, reposts: 0, replies: 0, quotes: 1, views: 100 } },
      { at: now - hour },
      { at: now - 9 * day, counts: { likes: 3, reposts: 0, replies: 0, quotes: 0, views: 50 } },
    ],
    bsky: [{ at: now - day, counts: { likes: 4, reposts: 1, replies: 0, quotes: 0 } }],
  });
  const { json, text } = (await say(story)) as { json: any; text: string };
  const [x, bsky] = json.accounts;
  expect(x).toMatchObject({
    account: 'x',
    network: 'x',
    releases: 3,
    measured: 2,
    score: 23,
    before: { releases: 1, measured: 1, score: 3 },
  });
  expect(x.counts).toEqual({ likes: 15, reposts: 2, replies: 1, quotes: 1, views: 1000 });
  expect(bsky.counts).toEqual({ likes: 4, reposts: 1, replies: 0, quotes: 0 });
  expect(bsky.before).toEqual({ releases: 0, measured: 0, counts: {}, score: 0 });
  expect(x.days.map(({ score }: { score: number }) => score)).toEqual([
    ...Array.from({ length: 5 }),
    7,
    16,
    undefined,
  ]);
  expect(text).toMatch(/^ bsky {5}Bluesky {2}1 .*–.* 6$/m);
  expect(text).toContain(
    '3 posts published; numbers of 1 not known yet; score 23. At the end of the 7 days before: score 3',
  );
  expect(text).toContain('Score = likes + 2 × (replies + reposts + quotes)');
  expect(text).toContain('Too few posts to compare.');
  expect(text).toContain('1 post published; score 6. Nothing was published in the 7 days before.');
  expect(text).toContain('Typical post: too few posts to tell.');
  expect(text).toMatch(/score from 2026-11-17 {2}·+▄█· {2}the highest 16/);
  expect(fits(text)).toBe(true);
});

test('the period before is taken as it stood when it ended', async () => {
  await using story = await openStory({
    bsky: [{ at: now - 8 * day, counts: { likes: 4 }, age: hour }],
  });
  const late = {
    account: 'bsky',
    network: 'bluesky' as const,
    delivery: 'p0@bsky',
    post: 'p0',
    releasedAt: now - 8 * day,
    at: now - hour,
  };
  await story.store.addSamples([{ ...late, counts: { likes: 40 } }]);
  expect((await readStats(story, { since: now - 7 * day })).accounts[1]?.before.score).toBe(4);
  expect((await readStats(story, { since: now - 9 * day })).accounts[1]?.score).toBe(40);
});

test('a change is called one only where luck does not explain it', async () => {
  await using better = await openStory({
    bsky: daily(14, (ago) => ({ likes: ago <= 7 ? 45 + ago : 9 + (ago % 4) })),
  });
  expect((await say(better)).text).toMatch(
    /That is\s+about 4\.\d\d times as much per post, 80 % range/,
  );
  await using same = await openStory({
    bsky: daily(14, (ago) => ({ likes: 5 + ((ago * 7) % 9) })),
  });
  expect((await say(same)).text).toMatch(/No\s+real\s+difference:\s+about/);
});

test('the typical post has its range, and the pace says that it is steady', async () => {
  await using story = await openStory({
    bsky: daily(20, (ago) => ({ likes: 8 + (ago % 5), reposts: 1, replies: 0, quotes: 0 })),
  });
  const { json, text } = (await say(story)) as { json: any; text: string };
  const { typical, pace, hours } = json.accounts[1];
  expect(typical.posts).toBe(20);
  expect(typical.low).toBeLessThan(typical.score);
  expect(typical.score).toBeGreaterThan(10);
  expect(typical.score).toBeLessThan(15);
  expect(typical.high).toBeGreaterThan(typical.score);
  expect([pace.mode, pace.rate, hours]).toEqual(['steady', 1, undefined]);
  expect(text).toContain(
    'Pace: steady, 1 a day: you chose a fixed cadence; the lower end of the range applies',
  );
  expect(text).toMatch(
    /Typical post: a score of 1\d(\.\d)? \(80 % range [\d.]+ to [\d.]+, from 20 posts\)\./,
  );
});

test('hours are told with their range and posts, never as the best, and the pace with its reason, its suggestion and its brake', async () => {
  // Mornings bring ten times what evenings do, for half a year.
  const many = Array.from({ length: 240 }, (_, i) => {
    const at = now - Math.floor(i / 2) * day - (i % 2 ? 10.5 : 2.5) * hour;
    return { at: at - day, counts: { likes: i % 2 ? 60 : 6, reposts: 1, replies: 0, quotes: 0 } };
  });
  await using story = await openStory({
    bsky: many,
    settings: { pacing: { mode: 'adaptive', audience: 'mostly-here', evergreen: 'in-turn' } },
  });
  await learnPace(story);
  const { json, text } = (await say(story, ['30d'])) as { json: any; text: string };
  const bsky = json.accounts[1];
  expect(bsky.hours).toHaveLength(168);
  expect(bsky.hours[9]).toBeGreaterThan(bsky.hours[17]);
  expect(text).toMatch(
    /Worth more: \w{3} \d\d:30, about \d\.\d\d times a post at an average time \(80 % range/,
  );
  expect(text).toMatch(/Worth less: \w{3} \d\d:30, about 0\.\d\d times a post at an average time/);
  expect(text.replaceAll(/\s+/g, ' ')).toMatch(
    /from \d+ posts near this time \(\d+ Bluesky\).*confidence (fair|good): \d+ % that it beats an average time/,
  );
  expect(text).toMatch(/^ {4}mon [▁-█]{24}$/m);
  expect(text).not.toMatch(/best (time|hour)/i);
  expect([bsky.pace.mode, bsky.pace.rate > 0]).toEqual(['adaptive', true]);
  expect(text.replaceAll(/\s+/g, ' ')).toContain(
    `Pace: adaptive, ${bsky.pace.rate < 10 ? Math.round(bsky.pace.rate * 10) / 10 : ''} a day: ${bsky.pace.why}.`,
  );
  expect(fits(text)).toBe(true);
  const fact = await story.store.findFact<Record<string, unknown>>('pace:bsky');
  const brake = {
    factor: 0.5,
    from: now,
    until: now + 3 * day,
    why: 'half the rate for a week, since 40 followers left',
  };
  await story.store.putFact('pace:bsky', { ...fact?.value, brake }, fact?.revision ?? 0);
  const braked = (await say(story)) as { json: any; text: string };
  expect(braked.json.accounts[1].pace).toMatchObject({
    brake: { factor: 0.5, why: brake.why },
    rate: expect.closeTo(bsky.pace.rate / 2, 1),
  });
  expect(braked.text).toContain(
    '! The brake is on until Fri 27 Nov 20:00: half the rate for a week, since 40 followers left.',
  );
});

test('hours that differ by the general pattern alone are no real difference, and have no chart', async () => {
  const settings = {
    pacing: { mode: 'adaptive' as const, audience: 'mostly-here', evergreen: 'in-turn' as const },
  };
  await using story = await openStory({ bsky: daily(5, () => ({ likes: 3 })), settings });
  await learnPace(story);
  const { json, text } = (await say(story)) as { json: any; text: string };
  expect(json.accounts[0].hoursSaid).toEqual({
    isReal: false,
    text: [
      expect.stringMatching(
        /^Hours: \w{3} \d\d:30 is ahead, about 1\.\d\d times .*; no real difference to the other times so far$/,
      ),
    ],
  });
  expect(json.accounts[0].hours).toHaveLength(168);
  expect(text).not.toMatch(/^ {4}mon/m);
  expect(fits(text)).toBe(true);
});

test('where nothing is learned yet the pace says so', async () => {
  await using story = await openStory({
    settings: { pacing: { mode: 'adaptive', audience: 'mostly-here', evergreen: 'in-turn' } },
  });
  const { json, text } = (await say(story)) as { json: any; text: string };
  expect(json.accounts[0].pace).toEqual({
    mode: 'adaptive',
    why: expect.stringContaining('nothing is learned yet'),
  });
  expect(text).toContain('Nothing was published in the last 7 days, nor in the 7 days before.');
  expect(fits(text)).toBe(true);
});

test('a campaign is shown alone, with its touches, what is reckoned marked as such', async () => {
  const campaigns = { spring: { touches: 29, touchesPerWeek: 1, utm: {} } };
  await using story = await openStory({
    x: [
      { at: now - day, counts: { likes: 10, views: 3000 }, campaign: 'spring' },
      { at: now - 2 * day, counts: { likes: 7, views: 10 } },
    ],
    bsky: [{ at: now - 3 * day, counts: { likes: 1 }, campaign: 'spring' }],
    settings: { campaigns },
  });
  await story.store.putFact('people:x', { followers: [{ date: '2026-11-24', count: 2000 }] }, 0);
  const { json, text } = (await say(story, ['7d'], { campaign: 'spring' })) as {
    json: any;
    text: string;
  };
  expect(json.campaign).toBe('spring');
  expect(
    json.accounts.map(({ releases, score }: { releases: number; score: number }) => [
      releases,
      score,
    ]),
  ).toEqual([
    [1, 10],
    [1, 1],
  ]);
  expect(json.campaigns).toEqual([
    expect.objectContaining({
      campaign: 'spring',
      account: 'x',
      touches: 1.5,
      towards: 29,
      lastWeek: 1.5,
      perWeek: 1,
      isEstimated: false,
    }),
    {
      campaign: 'spring',
      account: 'bsky',
      touches: 0.1,
      towards: 29,
      lastWeek: 0.1,
      perWeek: 1,
      isEstimated: true,
    },
  ]);
  expect(text).toMatch(/^ spring {4}x {8}1\.5 {6}29 {2}1\.5 {8}1$/m);
  expect(text).toMatch(/^ spring {4}bsky {5}~0\.1 /m);
  expect(text).toContain('~ estimated');
  expect(text).not.toMatch(/typical|average time|cadence/i);
  expect(text.replaceAll(/\s+/g, ' ')).toContain(
    '! spring is on hold on x: each follower has seen the campaign 1.5 times in seven days; the cap is 1 a week.',
  );
  await expect(say(story, [], { campaign: 'sprig' })).rejects.toThrow(
    /there is no campaign "sprig" in the queue or since .*: did you mean "spring"\?/,
  );
});

test('follow-ups are counted by their rule, beside those that found no room and posts that nothing followed', async () => {
  await using story = await openStory({});
  const { store } = story;
  const followUps = [
    { when: 'likes >= 20', as: 'reply' as const, parts: ['x'] },
    { otherwise: true, as: 'post' as const, parts: ['y'] },
  ];
  await store.savePosts([makePost('a', { followUps, campaign: 'spring' })]);
  const followUp = { of: 'a@x', as: 'reply' as const, else: 'skip' as const, notBefore: now };
  const spring = { hash: 'h', campaign: 'spring' };
  await store.addDeliveries([
    ...['x', 'bsky'].map((account) =>
      makeDelivery('a', { account, state: 'released', startedAt: now - 30 * day, terms: spring }),
    ),
    makeDelivery('a~2', { state: 'released' }),
    makeDelivery('a.f1', { account: 'x', state: 'expired', terms: { ...spring, followUp } }),
    makeDelivery('old', { state: 'expired' }),
  ]);
  const at = now - hour;
  await store.appendJournal([
    makeEntry('1', {
      at,
      type: 'followed',
      delivery: 'a@x',
      post: 'a',
      data: { rule: 1, delivery: 'a.f1@x', text: '' },
    }),
    makeEntry('2', {
      at,
      type: 'followed',
      delivery: 'a@bsky',
      post: 'a',
      data: { rule: 2, delivery: 'a.f2@bsky', text: '' },
    }),
    makeEntry('3', {
      at,
      type: 'followed',
      delivery: 'a~2@bsky',
      post: 'a',
      data: { text: 'no condition held' },
    }),
    makeEntry('4', {
      at,
      type: 'followed',
      delivery: 'a@x',
      post: 'a',
      data: { why: 'X has had its text' },
    }),
    makeEntry('5', { at, type: 'expired', delivery: 'a.f1@x', post: 'a.f1' }),
    makeEntry('6', { at, type: 'expired', delivery: 'old@bsky', post: 'old' }),
    makeEntry('7', {
      at: now - 9 * day,
      type: 'followed',
      delivery: 'a@x',
      post: 'a',
      data: { rule: 1, text: '' },
    }),
  ]);
  const { json, text } = (await say(story)) as { json: any; text: string };
  expect(json.followUps).toEqual({
    fired: 2,
    expired: 1,
    none: 1,
    rules: [
      { post: 'a', rule: 1, when: 'likes >= 20', fired: 1 },
      { post: 'a', rule: 2, when: 'otherwise', fired: 1 },
    ],
  });
  expect(text).toContain(
    'Follow-ups: 2 queued, 1 expired before a slot was free, 1 post without a matching rule\n 1 × a, rule 1: likes >= 20',
  );
  const alone = await readStats(story, { since: now - 7 * day, campaign: 'spring' });
  expect(alone.followUps).toMatchObject({ fired: 2, none: 0 });
});

test('the month at X, replies of people and what was deleted are told, whatever their length', async () => {
  await using story = await openStory({});
  const { store } = story;
  await store.putFact(
    'spend:x:2026-11',
    { byCharge: { post: 2_500_000 }, day: { date: '', read: [] } },
    0,
  );
  await store.addDeliveries([makeDelivery('a', { state: 'released' })]);
  const about = { delivery: 'a@bsky', account: 'bsky', at: now - hour };
  const reply = (i: number) =>
    makeEntry(`r${i}`, {
      ...about,
      type: 'reply',
      url: `https://b/${i}`,
      text: `ann answered a@bsky: ${'so good '.repeat(20)}`,
      data: { from: 'ann', at: now - 2 * hour },
    });
  await store.appendJournal([
    ...Array.from({ length: 7 }, (_, i) => reply(i)),
    makeEntry('d', { ...about, type: 'deleted' }),
  ]);
  const { json, text } = (await say(story)) as { json: any; text: string };
  expect(json.spend).toEqual([{ account: 'x', month: '2026-11', usd: 2.5, budgetUsd: 10 }]);
  expect(json.deleted).toEqual([{ delivery: 'a@bsky', at: '2026-11-24T19:00:00Z' }]);
  expect(json.replies).toHaveLength(7);
  expect(json.replies[0]).toMatchObject({
    delivery: 'a@bsky',
    account: 'bsky',
    from: 'ann',
    at: '2026-11-24T18:00:00Z',
    url: 'https://b/0',
  });
  expect(text).toContain('x: spent 2.50 USD of 10.00 USD in November');
  expect(text).toContain(
    'Deleted on the networks: a@bsky\n7 replies, the latest:\n Tue 24 Nov 18:00  ann answered a@bsky: so good',
  );
  expect(fits(text)).toBe(true);
});

test('any period that is understood will do, and wrong words are told so', async () => {
  await using story = await openStory({ bsky: daily(400, () => ({ likes: 1 })) });
  for (const [words, releases] of [
    [[], 7],
    [['400d'], 400],
    [['36h'], 1],
    [['yesterday'], 1],
    [['2026-11-20', '12:00'], 4],
  ] as const) {
    const { json, text } = (await say(story, [...words])) as { json: any; text: string };
    expect([words, json.accounts[1].releases, fits(text)]).toEqual([words, releases, true]);
  }
  for (const words of ['whenever', '0', '2027-01-01', '99999d', '-3d', `${'9'.repeat(400)}d`])
    await expect(say(story, [words])).rejects.toThrow(`"${words}" is not a period. Use 7d`);
});

test('without accounts it says what to do', async () => {
  await using story = await openStory({ settings: { accounts: [] } });
  expect(tellStats(await readStats(story, { since: now - day }), 'UTC')).toContain(
    'npx dripline init',
  );
});

test('a running service has something to tell: numbers, a follow-up, a reply, a deletion', async () => {
  await using world = await openWorld({
    yaml: 'cadence: { perDay: 170000, windows: ["00:00-24:00"], minGap: 0s }\npacing: { mode: steady }\ncampaigns: { spring: {} }',
    files: {
      'posts/hello.md':
        '---\ncampaign: spring\nfollowUps: [{ when: "likes >= 20", within: 1h, as: post, text: "More." }]\n---\nHello there.',
    },
    imagine: ({ network, text }) => ({
      likes: network === 'bluesky' && text === 'Hello there.' ? 25 : 2,
      views: 240,
    }),
  });
  await using served = await world.serve({ timing: { ...measuredSoon, followersEvery: 200 } });
  await world.say('resume');
  const told = await until('all is measured', async () => {
    const json = await world.say('stats --campaign=spring');
    const isKnown =
      json.campaigns.length === 3 &&
      json.accounts.every((one: any) => one.measured === one.releases) &&
      !json.campaigns[0].isEstimated;
    return isKnown && json.followUps.fired === 1 && json.accounts[1].releases === 2
      ? json
      : undefined;
  });
  expect(
    told.accounts.map(({ account, counts }: any) => [account, counts.likes, counts.views]),
  ).toEqual([
    ['x', 2, 240],
    ['bsky', 27, undefined],
    ['masto', 2, undefined],
  ]);
  expect(told.followUps.rules).toEqual([{ post: 'hello', rule: 1, when: 'likes >= 20', fired: 1 }]);
  expect(
    told.campaigns.map(({ account, touches, isEstimated }: any) => [account, touches, isEstimated]),
  ).toEqual([
    ['x', 0.1, false],
    ['bsky', 0.2, true],
    ['masto', 0.1, true],
  ]);
  expect(told.accounts[0].pace).toMatchObject({ mode: 'steady' });
  expect(told.spend[0]).toMatchObject({ account: 'x', usd: expect.any(Number) });
  expect(await served.context.store.countDeliveries({ states: ['failed', 'uncertain'] })).toBe(0);
});
