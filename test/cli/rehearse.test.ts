import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStage, posts } from '../rehearsal/kit.ts';
import { run } from './kit.ts';

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

test('rehearse answers JSON with releases, weeks, policies and when each account runs dry, and writes the chart', async () => {
  using stage = openStage({
    yaml: 'cadence: { perDay: 2 }',
    files: posts(12, 'followUps: [{ when: "likes >= 3", as: reply, text: "More." }]'),
  });
  const { code, stdout, stderr } = await run(
    stage.folder,
    'rehearse --weeks 2 --seed 7 --json --chart out/mine.svg',
  );
  // How far it is is said every few seconds, by a machine that takes so long: nothing else is.
  expect([code, stderr.replaceAll(/^rehearsing 2 weeks: \d{1,3} %\n/gm, '')]).toEqual([0, '']);
  const told = JSON.parse(stdout);
  expect(told).toMatchObject({
    from: expect.stringMatching(iso),
    until: expect.stringMatching(iso),
    seed: 7,
    chart: join(stage.folder, 'out/mine.svg'),
  });
  expect(told.releases.length).toBeGreaterThanOrEqual(36);
  for (const one of told.releases)
    expect(one).toMatchObject({
      delivery: `${one.post}@${one.account}`,
      at: expect.stringMatching(iso),
      echo: expect.any(Number),
    });
  expect(told.releases.filter(({ as }: { as?: string }) => as === 'reply').length).toBeGreaterThan(
    0,
  );
  expect(told.weeks).toHaveLength(2);
  expect(told.weeks[0]).toEqual({
    from: told.from,
    releases: expect.any(Number),
    followUps: expect.any(Number),
    replies: expect.any(Number),
    echo: { adaptive: expect.any(Number), steady: expect.any(Number), plain: expect.any(Number) },
  });
  expect(
    told.policies.map(({ name, isConfigured }: { name: string; isConfigured: boolean }) => [
      name,
      isConfigured,
    ]),
  ).toEqual([
    ['adaptive', true],
    ['steady', false],
    ['plain', false],
  ]);
  expect(Object.keys(told.dryAt).toSorted()).toEqual(['bsky', 'masto', 'x']);
  expect(told.notes).toEqual(['There is no store yet: only the posts folder is played.']);
  const chart = readFileSync(join(stage.folder, 'out/mine.svg'), 'utf8');
  expect(chart).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  // One for each release, two of the legend.
  expect(chart.match(/<circle /g)).toHaveLength(told.releases.length + 2);
  expect(existsSync(join(stage.folder, 'data/dripline.db'))).toBe(false);
});

test('in words it fits into a hundred columns, and says by week and by account what would go out', async () => {
  using stage = openStage({
    yaml: 'cadence: { perDay: 1 }\npacing: { mode: steady }',
    files: { ...posts(5), 'posts/900-asks.md': '---\napproval: required\n---\nMay I?' },
  });
  const { code, stdout } = await run(stage.folder, 'rehearse --weeks 3');
  expect(code).toBe(0);
  for (const line of stdout.split('\n')) expect([line, line.length <= 100]).toEqual([line, true]);
  expect(stdout).toMatch(/^3 weeks from /);
  expect(stdout).toMatch(/week of +releases +follow-ups +replies +steady +adaptive +9\/14\/19/);
  expect(stdout).toMatch(/total +15 +0 /);
  expect(stdout).toMatch(/bsky +5 +0 +[A-Z][a-z]{2} \d+ [A-Z][a-z]{2} \d\d:\d\d/);
  expect(stdout).toContain('3 deliveries, waiting: waits for approval');
  expect(stdout).toContain('Chart: data/rehearsal.svg');
});

test('without a configuration and a store the sample posts are played with the cadence of the sandbox', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-rehearsal-'));
  try {
    const env = { DRIPLINE_POSTS: join(import.meta.dirname, '../../posts') };
    const { code, stdout } = await run(folder, 'rehearse --weeks 1 --json', { env });
    const { releases, notes } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(notes[0]).toContain('There is no store yet');
    expect(releases.length).toBeGreaterThanOrEqual(18);
    expect(releases.length).toBeLessThanOrEqual(3 * 2 * 8);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('numbers that make no sense are wrong usage, and a chart that cannot be written is told with what to do', async () => {
  using stage = openStage({ files: posts(1) });
  for (const words of ['--weeks 0', '--weeks 53', '--weeks 1.5', '--seed x', '--seed -1'])
    expect([words, (await run(stage.folder, `rehearse ${words}`)).code]).toEqual([words, 2]);
  writeFileSync(join(stage.folder, 'file'), '');
  const { code, stderr } = await run(stage.folder, 'rehearse --weeks 1 --chart file/chart.svg');
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /cannot be written to .*chart\.svg \(E[A-Z]+\): name another file with --chart/,
  );
});
