import {
  addDays,
  atLocal,
  day,
  formatClock,
  type Instant,
  localDate,
  localMinutes,
  weekdayOf,
} from '../core/time.ts';
import { plural } from '../core/plural.ts';
import { box, dot, element, label } from './chart-shapes.ts';
import type { PolicyName, RehearsedWeek } from './outcome.ts';
import type { Rehearsal } from './rehearsal.ts';

const width = 1200;
const [left, right] = [84, 24];
const plotWidth = width - left - right;
const barsTop = 108;
const barsHeight = 190;
const rowsTop = barsTop + barsHeight + 96;
const rowHeight = 104;
const rowGap = 34;

const colours: Record<PolicyName, string> = {
  adaptive: '#0f766e',
  steady: '#94a3b8',
  plain: '#d9a441',
};
const followUpColour = '#c2410c';

export const policyLabels: Record<PolicyName, string> = {
  adaptive: 'adaptive',
  steady: 'steady',
  plain: '9/14/19',
};

/** Expected echo by week and policy above, all releases below, as an SVG document. */
export function toChart(rehearsal: Rehearsal): string {
  const height = rowsTop + rehearsal.accounts.length * (rowHeight + rowGap) + 34;
  const parts = [
    element('defs', {}, hatching()),
    box({ x: 0, y: 0, width, height }, '#ffffff'),
    ...title(rehearsal),
    ...bars(rehearsal),
    ...rows(rehearsal),
  ];
  const content = parts.map((part) => `\n  ${part}`).join('');
  return `${element('svg', { ...svgAttributes, ...sizeOf(height) }, `${content}\n`)}\n`;
}

const svgAttributes = {
  xmlns: 'http://www.w3.org/2000/svg',
  'font-family': 'system-ui, sans-serif',
  'font-size': 13,
};

const sizeOf = (height: number) => ({ viewBox: `0 0 ${width} ${height}`, width, height });

/** Fills the time when an account's queue is empty. */
function hatching(): string {
  const size = { width: 8, height: 8 };
  const stroke = { stroke: '#cbd5e1', 'stroke-width': 3 };
  const pattern = { patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' };
  return element(
    'pattern',
    { id: 'dry', ...size, ...pattern },
    [
      box({ x: 0, y: 0, ...size }, '#f1f5f9'),
      element('line', { x1: 0, y1: 0, x2: 0, y2: 8, ...stroke }),
    ].join(''),
  );
}

const grey = '#64748b';
const dark = '#0f172a';
const hatched = 'url(#dry)';

const formatter = (zone: string) => {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    day: 'numeric',
    month: 'short',
  });
  return (at: Instant) => format.format(at);
};

function title({ from, weeks, zone, seed, policies }: Rehearsal): string[] {
  const legend = policies.flatMap(({ name }, i) => {
    const x = left + (i && 80) + i * 120;
    const text = i === 0 ? `${policyLabels[name]} (as configured)` : policyLabels[name];
    return [
      box({ x, y: 72, width: 12, height: 12 }, colours[name]),
      label(text, { x: x + 18, y: 83 }),
    ];
  });
  const span = `${plural(weeks.length, 'week')} from ${formatter(zone)(from)}`;
  const what = 'Expected score of the posts of each week, if all posts were of average quality';
  const score = 'Score = likes + 2 × (replies + reposts + quotes)';
  return [
    label(`Rehearsal: ${span}`, { x: left, y: 34, size: 20, fill: dark, isBold: true }),
    label(`${what}. ${score}. The audience is made up, seed ${seed}.`, {
      x: left,
      y: 55,
      fill: grey,
    }),
    ...legend,
  ];
}

function bars({ weeks, policies, zone }: Rehearsal): string[] {
  const most = Math.max(1, ...weeks.flatMap(({ echo }) => Object.values(echo)));
  const step = tickFor(most);
  const y = (value: number) => barsTop + barsHeight * (1 - value / (Math.ceil(most / step) * step));
  const ticks = Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
  const slot = plotWidth / weeks.length;
  const bar = Math.min(34, (slot * 0.72) / policies.length);
  const format = formatter(zone);
  const drawWeek = ({ from, echo }: RehearsedWeek, i: number) => {
    const middle = left + (i + 0.5) * slot;
    const drawn = policies.map(({ name }, p) => {
      const value = echo[name] ?? 0;
      const x = middle + (p - policies.length / 2) * bar;
      return box({ x, y: y(value), width: bar - 2, height: y(0) - y(value) }, colours[name]);
    });
    const below = { x: middle, y: barsTop + barsHeight + 18, size: 12, fill: grey };
    return [...drawn, label(`week of ${format(from)}`, { ...below, anchor: 'middle' })];
  };
  return [...ticks.flatMap((tick) => drawTick(tick, y(tick))), ...weeks.flatMap(drawWeek)];
}

const drawTick = (tick: number, y: number): string[] => [
  element('line', { x1: left, y1: y, x2: width - right, y2: y, stroke: '#e2e8f0' }),
  label(`${tick}`, { x: left - 8, y: y + 4, anchor: 'end', fill: grey }),
];

/** Four to eight lines, at round numbers. */
function tickFor(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most / 4));
  return (
    [1, 2, 5, 10].map((one) => Math.max(1, one * power)).find((step) => most / step <= 6) ??
    Math.max(1, 10 * power)
  );
}

interface Hours {
  from: number;
  to: number;
}

/** For each account its releases: days from left to right, hours of the day from top to bottom. */
function rows(rehearsal: Rehearsal): string[] {
  const { accounts } = rehearsal;
  const hours = hoursOf(rehearsal);
  const y = rowsTop - 40;
  return [
    label('What is published when', { x: left, y, size: 15, fill: dark, isBold: true }),
    dot(left + 224, y - 4, { r: 4, fill: colours.adaptive }),
    label('a post', { x: left + 234, y }),
    dot(left + 300, y - 4, { r: 4, fill: followUpColour }),
    label('a follow-up', { x: left + 310, y }),
    box({ x: left + 404, y: y - 11, width: 24, height: 13 }, hatched),
    label('the queue is empty', { x: left + 434, y }),
    ...accounts.flatMap((account, i) =>
      row(rehearsal, { account, hours, top: rowsTop + i * (rowHeight + rowGap) }),
    ),
  ];
}

/** The hours between the earliest and the latest release, at least four. */
function hoursOf({ releases, zone }: Rehearsal): Hours {
  const times = releases.map(({ at }) => localMinutes(at, zone) / 60);
  if (!times.length) return { from: 8, to: 20 };
  const from = Math.floor(Math.min(...times));
  return { from, to: Math.max(Math.ceil(Math.max(...times) + 1 / 60), from + 4) };
}

const dotSize = 3.4;

function row(
  rehearsal: Rehearsal,
  { account, hours, top }: { account: string; hours: Hours; top: number },
): string[] {
  const { from, until, zone, releases, dryAt } = rehearsal;
  const x = (at: Instant) => left + (plotWidth * (at - from)) / (until - from);
  const hourOf = (at: Instant) => localMinutes(at, zone) / 60;
  const y = (at: Instant) =>
    top +
    dotSize +
    ((rowHeight - 2 * dotSize) * (hourOf(at) - hours.from)) / (hours.to - hours.from);
  const span = (start: number, end: number, fill: string) =>
    box({ x: start, y: top, width: end - start, height: rowHeight }, fill);
  const mine = releases.filter((one) => one.account === account);
  const dry = dryAt[account];
  const posts = plural(mine.length, 'post');
  const count = dry === undefined ? posts : `${posts}, queue empty from ${formatter(zone)(dry)}`;
  return [
    span(left, left + plotWidth, '#f8fafc'),
    ...weekends(rehearsal).map(([start, end]) => span(x(start), x(end), '#eef2f7')),
    ...(dry === undefined ? [] : [span(x(dry), width - right, hatched)]),
    label(account, { x: left, y: top - 7, isBold: true, fill: dark }),
    label(count, { x: width - right, y: top - 7, anchor: 'end', fill: grey }),
    drawHour(hours.from, top + 10),
    drawHour(hours.to, top + rowHeight),
    ...mine.map(({ at, as }) =>
      dot(x(at), y(at), { r: dotSize, fill: as ? followUpColour : colours.adaptive }),
    ),
  ];
}

const drawHour = (hour: number, y: number): string =>
  label(formatClock(hour * 60), { x: left - 8, y, anchor: 'end', size: 12, fill: grey });

function weekends({ from, until, zone }: Rehearsal): [Instant, Instant][] {
  const found: [Instant, Instant][] = [];
  for (
    let date = localDate(from - day, zone);
    atLocal(date, 0, zone) < until;
    date = addDays(date, 1)
  ) {
    if (weekdayOf(date) !== 'sat') continue;
    const [start, end] = [
      Math.max(from, atLocal(date, 0, zone)),
      Math.min(until, atLocal(addDays(date, 2), 0, zone)),
    ];
    if (end > start) found.push([start, end]);
  }
  return found;
}
