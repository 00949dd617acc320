import { addCoverage, type Coverage } from './coverage-bench.ts';
import { addCounts, type FollowCounts, followRules } from './follow-bench.ts';
import { rateRows } from './rate-bench.ts';
import { bootstrap, type Interval } from './stats.ts';

/** Markdown, which reads well enough in a terminal too. */
export interface Table {
  title: string;
  head: string[];
  rows: string[][];
}

export function toMarkdown({ title, head, rows }: Table): string {
  return [
    `### ${title}`,
    '',
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n');
}

/** A column of the slot tables: its worlds' totals by policy and horizon. */
export interface Cell {
  name: string;
  horizons: readonly number[];
  worlds: Record<string, number[]>[];
}

const share = ({ mean, low, high }: Interval) =>
  `${digits(mean)} [${digits(low)}, ${digits(high)}]`;
const digits = (value: number) => value.toFixed(3).replace(/^0/, '');
const signed = (value: number) => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(1)}`;

const columns = (cells: readonly Cell[]) =>
  cells.flatMap((cell) =>
    cell.horizons.map((weeks, h) => ({ cell, h, name: `${cell.name}, ${weeks} wk` })),
  );
const policiesOf = (cells: readonly Cell[]) => Object.keys(cells[0]?.worlds[0] ?? {});

export function shareTable(cells: readonly Cell[], title: string): Table {
  const all = columns(cells);
  return {
    title: `${title}: share of the oracle's echo [95 %]`,
    head: ['policy', ...all.map(({ name }) => name)],
    rows: policiesOf(cells).map((policy) => [
      policy,
      ...all.map(({ cell, h }) =>
        share(
          bootstrap(
            cell.worlds.map((world) => (world[policy]?.[h] ?? 0) / (world['oracle']?.[h] ?? 1)),
          ),
        ),
      ),
    ]),
  };
}

export const baseline = 'fixed slots 9/14/19';

/** Each world's gain over fixed slots, in per cent. */
export const gainsOf = ({ worlds }: Cell, policy: string, h: number): number[] =>
  worlds.map((world) => 100 * ((world[policy]?.[h] ?? 0) / (world[baseline]?.[h] ?? 1) - 1));

export function upliftTable(cells: readonly Cell[], title: string): Table {
  const all = columns(cells);
  const show = (gains: readonly number[]) => {
    const { mean, low, high } = bootstrap(gains);
    const better = gains.filter((one) => one > 0).length / gains.length;
    const interval = `[${signed(low)}, ${signed(high)}]`;
    return `${signed(mean)} ${interval} (${Math.round(100 * better)} %)`;
  };
  return {
    title: `${title}: gain over fixed slots, paired, % [95 %] (share of worlds better)`,
    head: ['policy', ...all.map(({ name }) => name)],
    rows: policiesOf(cells)
      .filter((policy) => policy !== baseline)
      .map((policy) => [policy, ...all.map(({ cell, h }) => show(gainsOf(cell, policy, h)))]),
  };
}

export interface RateCell {
  name: string;
  horizons: readonly number[];
  worlds: Record<string, number[]>[];
}

export function rateTable(cells: readonly RateCell[]): Table {
  const all = columns(cells);
  return {
    title: "Rate: utility (echo, less .25 a post) as a share of the best constant rate's [95 %]",
    head: ['controller', ...all.map(({ name }) => name)],
    rows: rateRows.map(({ name }) => [
      name,
      ...all.map(({ cell, h }) =>
        share(bootstrap(cell.worlds.map((world) => world[name]?.[h] ?? 0))),
      ),
    ]),
  };
}

const percent = (part: number, whole: number, places = 0) =>
  whole ? `${((100 * part) / whole).toFixed(places)} %` : '–';

/** How often what is stated holds, by week. */
export function coverageTable(
  cells: readonly { name: string; worlds: readonly Record<string, Coverage>[] }[],
): Table {
  const weeks = Object.keys(cells[0]?.worlds[0] ?? {});
  return {
    title: 'What is stated, and how often it holds',
    head: [
      'account, strength of the hours',
      'week',
      'hours inside their 80 % range',
      'accounts told of a real difference',
      'of these, true',
      "the typical post's middle inside its 80 % range",
    ],
    rows: cells.flatMap(({ name, worlds }) =>
      weeks.map((week) => {
        const all = worlds.map((world) => world[week] as Coverage).reduce(addCoverage);
        return [
          name,
          week,
          percent(all.hoursInside, all.hours),
          percent(all.claims, all.told),
          percent(all.trueClaims, all.claims),
          percent(all.typicalInside, all.typical),
        ];
      }),
    ),
  };
}

export function followTable(name: string, worlds: readonly Record<string, FollowCounts>[]): Table {
  return {
    title: `Follow-up test, ${name}, asked at nine polls (q: quality against the median post)`,
    head: [
      'rule',
      'posts',
      'flags',
      'precision q ≥ 1.5',
      'recall q ≥ 2',
      'recall q ≥ 4',
      'false flags of q ≤ 1',
      'flagged by 3 h',
    ],
    rows: followRules.map(({ name: rule }) => {
      const all = worlds.map((world) => world[rule] as FollowCounts).reduce(addCounts);
      return [
        rule,
        `${all.posts}`,
        percent(all.flags, all.posts, 1),
        digits(all.good / Math.max(1, all.flags)),
        digits(all.twiceFlagged / Math.max(1, all.twice)),
        digits(all.fourFlagged / Math.max(1, all.four)),
        percent(all.bad, all.plain, 2),
        percent(all.early, all.flags),
      ];
    }),
  };
}
