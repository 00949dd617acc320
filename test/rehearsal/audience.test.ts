import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measures, scoreOf } from '../../src/core/engagement.ts';
import { networks } from '../../src/core/network/network.ts';
import { day, hour, minute } from '../../src/core/time.ts';
import { openAudience, qualityOf } from '../../src/rehearsal/audience/rehearsal-audience.ts';
import { createCrowd, expectEcho } from '../../src/rehearsal/audience/crowd.ts';
import { now } from './kit.ts';

const crowdOf = (seed: number, network: (typeof networks)[number] = 'bluesky', followers = 2000) =>
  createCrowd({
    seed,
    account: 'a',
    network,
    zone: 'Europe/Berlin',
    place: 'mostly-here',
    followers,
  });

test('what a post has by an age never shrinks, and is the same whenever it is asked', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1000 }),
      fc.constantFrom(...networks),
      fc.array(fc.integer({ min: 0, max: 9 * day }), { minLength: 2, maxLength: 12 }),
      (seed, network, ages) => {
        const audience = openAudience(seed, [crowdOf(seed, network)]);
        audience.hear('a', { delivery: 'p@a', post: 'p', at: now });
        const counts = ages.sort((a, b) => a - b).map((age) => audience.countsOf('p@a', now + age));
        for (const measure of measures) {
          const values = counts.map((one) => one[measure] ?? 0);
          expect(values).toEqual(values.toSorted((a, b) => a - b));
        }
        expect(ages.map((age) => audience.countsOf('p@a', now + age))).toEqual(counts);
      },
    ),
    { numRuns: 60 },
  );
});

test('posts are of log-normal quality: most get less than the mean, a few get many times as much, and the mean is near one', () => {
  const qualities = Array.from({ length: 4000 }, (_, i) => qualityOf(1, `p${i}`, 'a')).toSorted(
    (a, b) => a - b,
  );
  const mean = qualities.reduce((sum, one) => sum + one, 0) / qualities.length;
  expect(qualities[2000]).toBeLessThan(0.85);
  expect(qualities[2000]).toBeGreaterThan(0.6);
  expect(mean).toBeGreaterThan(0.9);
  expect(mean).toBeLessThan(1.3);
  expect(qualities.at(-1)).toBeGreaterThan(8);
  const other = Array.from({ length: 400 }, (_, i) => [
    qualityOf(1, `p${i}`, 'a'),
    qualityOf(1, `p${i}`, 'b'),
  ]);
  const isAlike = other.filter(([a = 0, b = 0]) => a > 0.73 === b > 0.73).length;
  expect(isAlike).toBeGreaterThan(240);
});

test('a second release within the hour is worth less, and so is each of many a day; after two weeks nothing of it is left', () => {
  const crowd = crowdOf(1);
  const alone = expectEcho(crowd, now, []);
  expect(expectEcho(crowd, now, [now - hour])).toBeLessThan(0.95 * alone);
  const often = Array.from({ length: 60 }, (_, i) => now - (60 - i) * 3 * hour);
  expect(expectEcho(crowd, now, often)).toBeLessThan(0.35 * alone);
  expect(expectEcho(crowd, now, [now - 20 * day])).toBe(alone);
});

test('the audience sleeps at night, and has other hours where it lives elsewhere', () => {
  const noon = Date.parse('2026-11-25T11:30:00Z');
  const night = Date.parse('2026-11-25T02:00:00Z');
  for (const seed of [1, 2, 3]) {
    const crowd = crowdOf(seed);
    expect(expectEcho(crowd, night, [])).toBeLessThan(0.9 * expectEcho(crowd, noon, []));
    const away = createCrowd({
      seed,
      account: 'a',
      network: 'bluesky',
      zone: 'Europe/Berlin',
      place: -9,
      followers: 2000,
    });
    expect(expectEcho(away, noon, [])).toBeLessThan(expectEcho(away, noon + 9 * hour, []));
  }
});

test('who has more followers is heard more, and what an account is known to get is taken instead', () => {
  const at = now + 10 * minute;
  expect(expectEcho(crowdOf(1, 'x', 5000), at, [])).toBeGreaterThan(
    2 * expectEcho(crowdOf(1, 'x', 500), at, []),
  );
  const known = createCrowd({
    seed: 1,
    account: 'a',
    network: 'x',
    zone: 'Europe/Berlin',
    place: 'mostly-here',
    followers: 500,
    level: 40,
  });
  expect(known.level).toBe(40);
});

test('counts add up to what was expected, over many posts', () => {
  const crowd = crowdOf(3, 'mastodon');
  const audience = openAudience(3, [crowd]);
  let [expected, came] = [0, 0];
  for (let i = 0; i < 600; i++) {
    const at = now + i * 20 * day;
    audience.hear('a', { delivery: `p${i}@a`, post: `p${i}`, at });
    expected += audience.expectedOf(`p${i}@a`) ?? 0;
    came += Math.min(8 * crowd.level, scoreOf(audience.countsOf(`p${i}@a`, at + 8 * day)));
  }
  expect(came / expected).toBeGreaterThan(0.8);
  expect(came / expected).toBeLessThan(1.2);
});

test('followers leave an account that talks without end, and stay with one that does not', () => {
  const crowd = crowdOf(1);
  const [quiet, loud] = [openAudience(1, [crowd]), openAudience(1, [crowd])];
  for (let i = 0; i < 300; i++)
    loud.hear('a', { delivery: `p${i}@a`, post: `p${i}`, at: now + i * 2 * hour });
  for (const audience of [quiet, loud]) expect(audience.followersOf('a', now)).toBe(2000);
  expect(quiet.followersOf('a', now + 25 * day)).toBeGreaterThan(1990);
  expect(loud.followersOf('a', now + 25 * day)).toBeLessThan(1900);
});
