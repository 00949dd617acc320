// npm run bench:pacing -- --worlds 40: what pacing is worth on simulated audiences, against plain
// calendars, bandits and an oracle; or, with --log, on a real log.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Coverage, Difference } from './pacing/coverage-bench.ts';
import type { FollowCounts } from './pacing/follow-bench.ts';
import { type Job, runJobs } from './pacing/jobs.ts';
import { type LogResult, readLog, replayLog, shuffleInBlocks } from './pacing/log-bench.ts';
import {
  coverageTable,
  followTable,
  rateTable,
  shareTable,
  type Table,
  toMarkdown,
  upliftTable,
} from './pacing/tables.ts';
import { isZone } from '../src/core/time.ts';
import { type Size, sizes, type Strength, strengths } from './pacing/world.ts';

/** Seeds of the record; never those on which anything was tried out. */
const firstSlotSeed = 10_000;
const firstFollowSeed = 20_000;

const { values: options } = parseArgs({
  options: {
    worlds: { type: 'string', default: '40' },
    weeks: { type: 'string', default: '8,26' },
    sizes: { type: 'string', default: sizes.join(',') },
    strengths: { type: 'string', default: strengths.join(',') },
    seed: { type: 'string', default: `${firstSlotSeed}` },
    log: { type: 'string' },
    zone: { type: 'string', default: 'UTC' },
    json: { type: 'string' },
  },
});

function oneOf<T extends string>(name: string, text: string, known: readonly T[]): T[] {
  return text
    .split(',')
    .map(
      (word) =>
        known.find((one) => one === word) ??
        stop(`--${name} ${word} is unknown: use one or more of ${known.join(',')}`),
    );
}

function stop(message: string): never {
  console.error(message);
  process.exit(2);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  return Number.isInteger(value) && value > 0
    ? value
    : stop(`--${name} ${text} is not a whole number above 0`);
}

const show = (tables: readonly Table[]) => console.log(tables.map(toMarkdown).join('\n'));
const save = (result: unknown) =>
  options.json && writeFileSync(options.json, `${JSON.stringify(result, undefined, 1)}\n`);

function runLog(file: string): void {
  const posts = readOrStop(file);
  const rows: [string, LogResult][] = [
    [file, replayLog(posts, options.zone)],
    ...[1, 2, 3].map((seed): [string, LogResult] => [
      `placebo ${seed}: shuffled in blocks of 25`,
      replayLog(shuffleInBlocks(posts, seed), options.zone),
    ]),
  ];
  const toRow = ([name, result]: [string, LogResult]) => {
    const { posts: count, slope, slopeError, topOverBottom } = result;
    const [mean, low, high] = [topOverBottom.mean, topOverBottom.low, topOverBottom.high].map(
      (one) => one.toFixed(0),
    );
    const slopes = `${slope.toFixed(2)} ± ${slopeError.toFixed(2)}`;
    return [name, `${count}`, slopes, `${mean} % [${low}, ${high}]`];
  };
  console.log(
    `${posts.length} posts, times in ${options.zone}. A slope within its error of the placebos' ` +
      'says nothing about your hours; one log of under 1,000 posts rarely decides.\n',
  );
  show([
    {
      title: 'One step ahead, nothing believed beforehand',
      head: [
        'log',
        'posts',
        'calibration slope (1: true, 0: useless)',
        'top over bottom third of predicted times',
      ],
      rows: rows.map(toRow),
    },
  ]);
  save(rows);
}

/** Fewer can't be judged: sixty are learned from before the first. */
const fewestPosts = 100;

function readOrStop(file: string): ReturnType<typeof readLog> {
  if (!isZone(options.zone)) stop(`--zone ${options.zone} is not an IANA time zone`);
  try {
    const posts = readLog(file, options.zone);
    if (posts.length < fewestPosts)
      stop(`${file} has ${posts.length} posts: at least ${fewestPosts} are needed`);
    return posts;
  } catch (error) {
    return stop(error instanceof Error ? error.message : String(error));
  }
}

interface Part {
  name: string;
  jobs: Job[];
}

function slotParts(
  worlds: number,
  horizons: number[],
  wanted: { sizes: Size[]; strengths: Strength[] },
): Part[] {
  const first = wholeNumber('seed', options.seed);
  const cell = (
    name: string,
    job: Omit<Extract<Job, { kind: 'slot' }>, 'kind' | 'seed' | 'horizons'>,
  ): Part => ({
    name,
    jobs: Array.from({ length: worlds }, (_, i) => ({
      kind: 'slot',
      seed: first + i,
      horizons,
      ...job,
    })),
  });
  return [
    ...wanted.sizes.flatMap((size) =>
      wanted.strengths.map((strength) => cell(`${size}, ${strength}`, { size, strength })),
    ),
    ...wanted.sizes.map((size) =>
      cell(`${size}, weak, all followers change in week 10`, {
        size,
        strength: 'weak',
        change: 'complete',
        policies: changePolicies,
      }),
    ),
  ];
}

const changePolicies = [
  'fixed slots 9/14/19',
  'heatmap',
  'Dripline',
  'Dripline, flat prior',
  'kernel-gamma',
  'oracle',
];

async function runWorlds(): Promise<void> {
  const worlds = wholeNumber('worlds', options.worlds);
  const horizons = options.weeks.split(',').map((text) => wholeNumber('weeks', text));
  const wanted = {
    sizes: oneOf('sizes', options.sizes, sizes),
    strengths: oneOf('strengths', options.strengths, strengths),
  };
  const parts = {
    slots: slotParts(worlds, horizons, wanted),
    rates: wanted.sizes.map((size) => ratePart(size, worlds, horizons)),
    follows: wanted.sizes.map((size) => followPart(size, Math.ceil(worlds / 2))),
    coverages: wanted.sizes.flatMap((size) =>
      (['none', ...wanted.strengths] as const).map((one) =>
        coveragePart(size, one, Math.ceil(worlds / 2)),
      ),
    ),
  };
  const all = [...parts.slots, ...parts.rates, ...parts.follows, ...parts.coverages];
  const outcomes = await runParts(all);
  const tables = tablesOf(parts, outcomes, { horizons, sizes: wanted.sizes });
  show(tables);
  const named = [...outcomes].map(([part, result], i) => [
    `${i} ${part.jobs[0]?.kind} ${part.name}`,
    result,
  ]);
  save({ options, tables, worlds: Object.fromEntries(named) });
}

const ratePart = (size: Size, worlds: number, horizons: number[]): Part => ({
  name: size,
  jobs: Array.from({ length: worlds }, (_, i) => ({
    kind: 'rate',
    seed: firstSlotSeed + i,
    size,
    horizons,
  })),
});

const followPart = (size: Size, worlds: number): Part => ({
  name: size,
  jobs: Array.from({ length: worlds }, (_, i) => ({
    kind: 'follow',
    seed: firstFollowSeed + i,
    size,
  })),
});

const coveragePart = (size: Size, strength: Difference, worlds: number): Part => ({
  name: `${size}, ${strength}`,
  jobs: Array.from({ length: worlds }, (_, i) => ({
    kind: 'coverage',
    seed: firstSlotSeed + i,
    size,
    strength,
  })),
});

/** All jobs of all parts; the results by part. */
async function runParts(parts: readonly Part[]): Promise<Map<Part, unknown[]>> {
  const jobs = parts.flatMap((part) => part.jobs);
  const began = Date.now();
  const results = await runJobs(jobs, (done) => {
    if (done % 10 !== 0 && done !== jobs.length) return;
    const seconds = Math.round((Date.now() - began) / 1000);
    console.error(`${done} of ${jobs.length} worlds, ${seconds} s`);
  });
  let from = 0;
  return new Map(parts.map((part) => [part, results.slice(from, (from += part.jobs.length))]));
}

function tablesOf(
  { slots, rates, follows, coverages }: Record<'slots' | 'rates' | 'follows' | 'coverages', Part[]>,
  outcomes: ReadonlyMap<Part, unknown[]>,
  { horizons, sizes: some }: { horizons: number[]; sizes: Size[] },
): Table[] {
  const cells = (parts: Part[]) =>
    parts.map((part) => ({
      name: part.name,
      horizons,
      worlds: outcomes.get(part) as Record<string, number[]>[],
    }));
  const changed = slots.slice(-some.length);
  const bySize = some.flatMap((size) => {
    const mine = slots.filter((part) => part.name.startsWith(size) && !changed.includes(part));
    const title = `Times, ${size} account`;
    return [shareTable(cells(mine), title), upliftTable(cells(mine), title)];
  });
  const byFollow = follows.map((part) =>
    followTable(`${part.name} account`, outcomes.get(part) as Record<string, FollowCounts>[]),
  );
  return [
    ...bySize,
    upliftTable(cells(changed), 'Another audience'),
    rateTable(cells(rates)),
    ...byFollow,
    coverageTable(
      coverages.map((part) => ({
        name: part.name,
        worlds: outcomes.get(part) as Record<string, Coverage>[],
      })),
    ),
  ];
}

if (options.log) runLog(options.log);
else await runWorlds();
