import { toTable } from '../../commands/table.ts';
import { plural } from '../../core/plural.ts';
import { day, formatLocal, type Instant, toIso } from '../../core/time.ts';
import { policyLabels } from '../../rehearsal/chart.ts';
import type { Rehearsal } from '../../rehearsal/rehearsal.ts';

/** For people: by week, by account, and a comparison of the policies. */
export function toText(rehearsal: Rehearsal, chart: string): string {
  const { weeks, notes, from, zone, seed } = rehearsal;
  const span = `${plural(weeks.length, 'week')} from ${formatLocal(from, zone)}`;
  return [
    `${span}, with a made-up audience (seed ${seed}).`,
    ...notes.map((note) => `Note: ${note}`),
    '',
    byWeek(rehearsal),
    '',
    byAccount(rehearsal),
    '',
    ...compare(rehearsal),
    ...tellLeft(rehearsal),
    `Chart: ${chart}`,
  ]
    .flatMap((line) => wrap(line))
    .join('\n');
}

const alignRight = (rows: string[][]) => {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((one) => one[column]?.length ?? 0))) ?? [];
  return rows.map((one) =>
    one.map((cell, column) => (column === 0 ? cell : cell.padStart(widths[column] ?? 0))),
  );
};

function byWeek({ weeks, policies, zone }: Rehearsal): string {
  const [own] = policies;
  const total = (of: 'releases' | 'followUps' | 'replies') =>
    String(weeks.reduce((sum, week) => sum + week[of], 0));
  const rows = [
    [
      'week of',
      'releases',
      'follow-ups',
      'replies',
      ...policies.map(({ name }) => policyLabels[name]),
    ],
    ...weeks.map((week) => [
      formatLocal(week.from, zone).slice(0, -6),
      String(week.releases),
      String(week.followUps),
      String(week.replies),
      ...policies.map(({ name }) => String(Math.round(week.echo[name] ?? 0))),
    ]),
    [
      'total',
      String(own?.releases ?? 0),
      total('followUps'),
      total('replies'),
      ...policies.map(({ echo }) => String(Math.round(echo))),
    ],
    ['releases', '', '', '', ...policies.map(({ releases }) => String(releases))],
    [
      'per release',
      '',
      '',
      '',
      ...policies.map(({ echo, releases }) => (releases ? echo / releases : 0).toFixed(1)),
    ],
  ];
  const [headings = [], ...lines] = alignRight(rows);
  return toTable(headings, lines);
}

function byAccount({ accounts, releases, dryAt, zone }: Rehearsal): string {
  return toTable(
    ['account', 'releases', 'follow-ups', 'queue empty from'],
    accounts.map((account) => {
      const mine = releases.filter((one) => one.account === account);
      const dry = dryAt[account];
      return [
        account,
        String(mine.length),
        String(mine.filter(({ as }) => as).length),
        dry === undefined ? 'not in these weeks' : formatLocal(dry, zone),
      ];
    }),
  );
}

/** A shorter span is too short for a comparison. */
const fewestDays = 7 * day;

/** The audience and the posts are the same, so the policies alone make the difference. */
function compare({ policies, from, until: end, fullUntil, zone }: Rehearsal): string[] {
  const [own, ...others] = policies;
  if (!own?.echo) return [nothingPublished];
  const isWhole = fullUntil === end || fullUntil - from < fewestDays;
  const echoOf = (one: (typeof policies)[number]) => (isWhole ? one.echo : one.echoWhileFull);
  const countOf = (one: (typeof policies)[number]) =>
    `${policyLabels[one.name]} ${Math.round(echoOf(one))}`;
  const differences = others.map(
    (one) => `${countOf(one)} (${differenceOf(echoOf(one) / echoOf(own) - 1)})`,
  );
  const all = [`${countOf(own)} (as configured)`, ...differences].join(', ');
  const until = formatLocal(fullUntil, zone);
  return [
    'Echo is likes + 2 × (replies + reposts + quotes), as expected if all posts were average.',
    ...(isWhole
      ? [`In all these weeks: ${all}.`]
      : [
          `Until ${until}, while every account has posts: ${all}.`,
          'The totals above go on after it: there a policy that has posts left collects more.',
        ]),
    'The audience is made up: this compares the policies, and does not tell what you will get.',
  ];
}

const nothingPublished =
  'Nothing is published. `dripline queue` shows what each post waits for, and `dripline check` ' +
  'lists problems.';

function differenceOf(share: number): string {
  if (Math.abs(share) < 0.005) return 'as much';
  return `${Math.abs(Math.round(share * 100))} % ${share > 0 ? 'more' : 'less'}`;
}

const mostReasons = 6;

function tellLeft({ left }: Rehearsal): string[] {
  const byReason = [...Map.groupBy(left, ({ state, reason }) => `${state}: ${reason}`)].sort(
    (a, b) => b[1].length - a[1].length,
  );
  const lines = byReason.slice(0, mostReasons).map(([reason, some]) => {
    const which = some.length === 1 ? some[0]?.delivery : `${some.length} deliveries`;
    return `  ${which}, ${reason}`;
  });
  const rest = byReason.length - mostReasons;
  if (rest > 0) lines.push(`  and for ${plural(rest, 'other reason')}: see --json`);
  return lines.length ? ['Not published:', ...lines] : [];
}

/** To at most 98 columns. Tables are narrow and stay as they are. */
function wrap(text: string): string[] {
  if (text.includes('\n') || text.length <= 98) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) /)) {
    if (line && line.length + word.length + 1 > 98) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line];
}

/** For other tools: instants in UTC, echo in hundredths. */
export function toJson(rehearsal: Rehearsal, chart: string) {
  const { from, until, fullUntil, seed, weeks, policies, releases, followUps, dryAt, left, notes } =
    rehearsal;
  const short = (n: number) => Number(n.toFixed(2));
  const toIsos = (instants: Record<string, Instant>) =>
    Object.fromEntries(Object.entries(instants).map(([account, at]) => [account, toIso(at)]));
  return {
    from: toIso(from),
    until: toIso(until),
    seed,
    weeks: weeks.map((week) => ({
      ...week,
      from: toIso(week.from),
      echo: Object.fromEntries(
        Object.entries(week.echo).map(([name, echo]) => [name, short(echo)]),
      ),
    })),
    policies: policies.map((one, i) => ({
      ...one,
      isConfigured: i === 0,
      echo: short(one.echo),
      echoWhileFull: short(one.echoWhileFull),
      dryAt: toIsos(one.dryAt),
    })),
    fullUntil: toIso(fullUntil),
    releases: releases.map(({ at, echo, ...one }) => ({
      ...one,
      at: toIso(at),
      echo: short(echo),
    })),
    followUps: followUps.map(({ at, ...one }) => ({ ...one, at: toIso(at) })),
    dryAt: toIsos(dryAt),
    left,
    notes,
    chart,
  };
}
