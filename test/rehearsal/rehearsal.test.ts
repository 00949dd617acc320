import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rehearse } from '../../src/app.ts';
import { day, hour, toIso } from '../../src/core/time.ts';
import { openWorld } from '../flow/world.ts';
import { now, openStage, posts, stillClock } from './kit.ts';

const varied = {
  ...posts(30),
  'posts/100-pinned.md': '---\ndate: 2026-11-27 12:34\n---\nTo the minute.',
  'posts/101-day.md': '---\ndate: 2026-11-30\n---\nThat day.',
  'posts/102-late.md': '---\nnotBefore: 2026-12-02\nweight: -1\n---\nNot before.',
  'posts/103-series.md': '---\nweight: -2\nafter: { post: p3, delay: 2d }\n---\nAfter the fourth.',
  'posts/104-thread.md': '---\nweight: -3\n---\nOne.\n\n---\n\nTwo.',
  'posts/105-again.md':
    '---\nweight: -4\nevergreen: { every: 20d, variants: ["Once more."] }\n---\nAgain and again.',
  'posts/106-tip-a.md': '---\nqueue: tips\n---\nA tip.',
  'posts/107-tip-b.md': '---\nqueue: tips\n---\nAnother tip.',
  'posts/108-x.md': '---\nnetworks: [x]\nweight: -5\n---\nX alone, with https://example.com/a-link',
};

const steady = `
cadence:
  perDay: 2
  windows: ["08:00-12:00", "16:00-21:00"]
  days: [mon, tue, wed, thu, fri]
  minGap: 90m
queues: { tips: { perDay: 1, windows: ["12:00-14:00"], accounts: [bsky, masto] } }
pacing: { mode: steady }`;

test('with steady pacing its first two weeks are those of the plan, to the instant, and the store stays as it was', async () => {
  await using world = await openWorld({ yaml: steady, files: varied, clock: stillClock });
  const served = await world.serve();
  const first = await rehearse(world.config, { weeks: 1, seed: 1, clock: stillClock });
  expect(first.notes).toEqual([
    'The first start waits for `resume`: the rehearsal assumes it now.',
  ]);
  await world.say('resume');
  const planned: { delivery: string; at: string }[] = await world.say('plan --days=14');
  await served[Symbol.asyncDispose]();
  const before = readFileSync(join(world.folder, 'data/dripline.db'));
  const { releases, notes } = await rehearse(world.config, {
    weeks: 4,
    seed: 1,
    clock: stillClock,
  });
  expect(planned.length).toBeGreaterThan(50);
  expect(
    releases.filter(({ at }) => at <= now + 14 * day).map(({ delivery, at }) => [delivery, at]),
  ).toEqual(planned.map(({ delivery, at }) => [delivery, Date.parse(at)]));
  expect(releases.slice(0, first.releases.length)).toEqual(first.releases);
  expect(releases.map(({ delivery }) => delivery)).toContain('again~2@bsky');
  expect(notes).toEqual([]);
  expect(readFileSync(join(world.folder, 'data/dripline.db')).equals(before)).toBe(true);
  expect(world.sandbox.accepted()).toEqual([]);
});

test('the same seed gives the same rehearsal, another one another audience for the same plan', async () => {
  using stage = openStage({
    yaml: 'cadence: { perDay: 1-3 }',
    files: posts(30, 'followUps: [{ when: "likes >= 5", as: reply, text: "More." }]'),
  });
  const first = await stage.rehearse({ weeks: 2 });
  expect(await stage.rehearse({ weeks: 2 })).toEqual(first);
  expect(first.followUps.length).toBeGreaterThan(5);
  const other = await stage.rehearse({ weeks: 2, seed: 2 });
  expect(other.policies.map(({ echo }) => echo)).not.toEqual(
    first.policies.map(({ echo }) => echo),
  );
  expect(first.policies.map(({ name }) => name)).toEqual(['adaptive', 'steady', 'plain']);
});

test('a queue runs dry at its last release, and another that lasts does not', async () => {
  using stage = openStage({
    yaml: 'cadence: { perDay: 1 }\npacing: { mode: steady }',
    files: { ...posts(10), ...posts(0), 'posts/900-x.md': '---\nnetworks: [x]\n---\nX.' },
  });
  const { dryAt, releases, weeks } = await stage.rehearse();
  const last = (account: string) => releases.filter((one) => one.account === account).at(-1);
  expect(last('x')).toMatchObject({ post: 'x' });
  expect(dryAt).toEqual({ x: last('x')?.at, bsky: last('bsky')?.at, masto: last('masto')?.at });
  expect(dryAt['x']).toBeGreaterThan(dryAt['bsky'] ?? Infinity);
  expect(weeks.map((week) => week.releases)).toEqual([
    releases.filter(({ at }) => at < now + 7 * day).length,
    releases.filter(({ at }) => at >= now + 7 * day).length,
    0,
    0,
  ]);
  using lasting = openStage({ yaml: 'cadence: { perDay: 1 }', files: posts(40) });
  expect((await lasting.rehearse()).dryAt).toEqual({});
  using empty = openStage();
  expect((await empty.rehearse()).dryAt).toEqual({ x: now, bsky: now, masto: now });
});

test('a follow-up goes out behind its post, in the relation of its rule, and counts as a release', async () => {
  using stage = openStage({
    yaml: 'cadence: { perDay: 1-3, windows: ["08:00-22:00"] }',
    files: {
      'posts/010-hello.md':
        '---\nfollowUps:\n  - { when: "likes >= 1", after: 2h, within: 3d, as: quote, text: "More of it." }\n---\nHello.',
      'posts/020-quiet.md':
        '---\nfollowUps:\n  - { when: "likes >= 100000", within: 1d, as: reply, text: "Never." }\n  - { otherwise: true, as: post, text: "Once more." }\n---\nQuiet.',
    },
  });
  const { releases, followUps, weeks, policies } = await stage.rehearse();
  for (const account of ['x', 'bsky', 'masto']) {
    const at = (delivery: string) =>
      releases.find((one) => one.delivery === delivery)?.at ?? Number.NaN;
    expect(releases.find(({ delivery }) => delivery === `hello.f1@${account}`)).toMatchObject({
      as: 'quote',
      post: 'hello.f1',
    });
    expect(at(`hello.f1@${account}`)).toBeGreaterThanOrEqual(at(`hello@${account}`) + 2 * hour);
    expect(at(`quiet.f2@${account}`)).toBeGreaterThanOrEqual(at(`quiet@${account}`) + day);
  }
  expect(followUps).toHaveLength(6);
  expect(followUps[0]).toMatchObject({
    of: expect.stringMatching(/^hello@/),
    delivery: expect.stringMatching(/^hello\.f1@/),
    why: expect.stringContaining('likes >= 1'),
  });
  expect(weeks.reduce((sum, week) => sum + week.followUps, 0)).toBe(6);
  expect(policies[0]).toMatchObject({ name: 'adaptive', releases: 12, followUps: 6 });
});

test('what waits for a person, or cannot go out, is named and stays where it is', async () => {
  using stage = openStage({
    files: {
      'posts/010-asks.md': '---\napproval: required\n---\nMay I?',
      'posts/020-later.md': '---\nqueue: none\n---\nBy hand alone.',
      'posts/030-picture.md':
        '---\nnetworks: [x]\nmedia: [{ src: gone.png, alt: Gone }]\n---\nLook.',
      'posts/040-long.md': `---\nnetworks: [x]\n---\n${'too long for it '.repeat(40)}`,
      'posts/050-fine.md': 'Fine.',
    },
  });
  const { releases, left, notes } = await stage.rehearse({ weeks: 2 });
  expect(new Set(releases.map(({ post }) => post))).toEqual(new Set(['fine']));
  expect(left).toEqual(
    expect.arrayContaining([
      { delivery: 'asks@bsky', state: 'waiting', reason: 'waits for approval' },
      { delivery: 'later@masto', state: 'waiting', reason: expect.stringContaining('queue: none') },
      { delivery: 'long@x', state: 'failed', reason: expect.stringContaining('280 are allowed') },
    ]),
  );
  expect(notes).toContain('1 file of the posts folder cannot be used: `dripline check` says why.');
});

test("X's budget holds as it does out there: what it has no room for waits for the next month", async () => {
  using stage = openStage({
    yaml: 'cadence: { perDay: 2 }\npacing: { mode: steady }',
    files: posts(80),
    budget: '0.10 USD/month',
  });
  const { releases } = await stage.rehearse({ weeks: 2 });
  const onX = (month: string) =>
    releases.filter(({ account, at }) => account === 'x' && toIso(at).startsWith(month));
  // At 0.015 USD a post.
  expect(onX('2026-11')).toHaveLength(6);
  expect(onX('2026-12')).toHaveLength(6);
  expect(releases.filter(({ account }) => account === 'bsky').length).toBeGreaterThan(24);
});

test('a rehearsal has clicks where links are counted, and none where they are not', async () => {
  const rules = 'followUps: [{ when: "clicks >= 1", within: 3d, as: reply, text: "More." }]';
  const files = {
    'posts/linked.md': `---\nlink: https://a.example/\n${rules}\n---\nLinked.`,
    'posts/plain.md': `---\n${rules}\n---\nPlain.`,
  };
  for (const [yaml, followed] of [
    ['links: { url: https://go.example.com }', true],
    ['', false],
  ] as const) {
    using stage = openStage({ yaml, files });
    const { releases } = await stage.rehearse();
    const told = JSON.stringify(releases);
    expect([yaml, told.includes('linked.f1')]).toEqual([yaml, followed]);
    expect(told).not.toContain('plain.f1');
  }
});
