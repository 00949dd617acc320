import {
  addDays,
  atLocal,
  day,
  type Instant,
  localDate,
  localMinutes,
  weekdayOf,
} from '../core/time.ts';
import type { PolicyName } from './outcome.ts';
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

/** Echo by week and policy above, what goes out when below, as an SVG document. */
export function toChart(rehearsal: Rehearsal): string {
  const height = rowsTop + rehearsal.accounts.length * (rowHeight + rowGap) + 34;
  const body = [...title(rehearsal), ...bars(rehearsal), ...rows(rehearsal)].join('\n  ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13">
  <defs><pattern id="dry" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="8" height="8" fill="#f1f5f9"/><line x1="0" y1="0" x2="0" y2="8" stroke="#cbd5e1" stroke-width="3"/></pattern></defs>
  <rect width="${width}" height="${height}" fill="#ffffff"/>
  ${body}
</svg>
`;
}

const escape = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
const round = (n: number) => Number(n.toFixed(1));

interface Label {
  size?: number;
  fill?: string;
  anchor?: 'start' | 'middle' | 'end';
  isBold?: boolean;
}

const label = (
  x: number,
  y: number,
  text: string,
  { size = 13, fill = '#334155', anchor = 'start', isBold = false }: Label = {},
) =>
  `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}" text-anchor="${anchor}"${isBold ? ' font-weight="600"' : ''}>${escape(text)}</text>`;

const box = (x: number, y: number, w: number, h: number, fill: string) =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, w))}" height="${round(Math.max(0, h))}" fill="${fill}"/>`;

const line = (x1: number, y1: number, x2: number, y2: number, stroke = '#e2e8f0') =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${stroke}"/>`;

const formatter = (zone: string) => {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    day: 'numeric',
    month: 'short',
  });
  return (at: Instant) => format.format(at);
};

function title({ from, weeks, zone, seed, policies }: Rehearsal): string[] {
  const entries = policies.map(({ name }, i) => {
    const x = left + (i && 80) + i * 120;
    return `${box(x, 72, 12, 12, colours[name])} ${label(x + 18, 83, `${policyLabels[name]}${i === 0 ? ' (as configured)' : ''}`)}`;
  });
  return [
    label(
      left,
      34,
      `Rehearsal: ${weeks.length} ${weeks.length === 1 ? 'week' : 'weeks'} from ${formatter(zone)(from)}`,
      {
        size: 20,
        fill: '#0f172a',
        isBold: true,
      },
    ),
    label(
      left,
      55,
      `Expected echo (likes + 2 × replies, reposts and quotes) of what goes out each week, were all posts middling. The audience is made up, seed ${seed}.`,
      {
        fill: '#64748b',
      },
    ),
    ...entries,
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
  return [
    ...ticks.map(
      (tick) =>
        `${line(left, y(tick), width - right, y(tick))} ${label(left - 8, y(tick) + 4, `${tick}`, { anchor: 'end', fill: '#64748b' })}`,
    ),
    ...weeks.flatMap(({ from, echo }, i) => {
      const middle = left + (i + 0.5) * slot;
      const drawn = policies.map(({ name }, p) => {
        const value = echo[name] ?? 0;
        return box(
          middle + (p - policies.length / 2) * bar,
          y(value),
          bar - 2,
          y(0) - y(value),
          colours[name],
        );
      });
      return [
        ...drawn,
        label(middle, barsTop + barsHeight + 18, `week of ${format(from)}`, {
          anchor: 'middle',
          size: 12,
          fill: '#64748b',
        }),
      ];
    }),
  ];
}

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
  const { accounts, releases, zone } = rehearsal;
  const times = releases.map(({ at }) => localMinutes(at, zone));
  const hours = times.length
    ? {
        from: Math.floor(Math.min(...times) / 60),
        to: Math.max(
          Math.ceil((Math.max(...times) + 1) / 60),
          Math.floor(Math.min(...times) / 60) + 4,
        ),
      }
    : { from: 8, to: 20 };
  const head = rowsTop - 40;
  return [
    label(left, head, 'What goes out when', { size: 15, fill: '#0f172a', isBold: true }),
    `<circle cx="${left + 190}" cy="${head - 4}" r="4" fill="${colours.adaptive}"/> ${label(left + 200, head, 'a post')}`,
    `<circle cx="${left + 266}" cy="${head - 4}" r="4" fill="${followUpColour}"/> ${label(left + 276, head, 'a follow-up')}`,
    `<rect x="${left + 370}" y="${head - 11}" width="24" height="13" fill="url(#dry)"/> ${label(left + 400, head, 'nothing is left to go out')}`,
    ...accounts.flatMap((account, i) =>
      row(rehearsal, { account, hours, top: rowsTop + i * (rowHeight + rowGap) }),
    ),
  ];
}

function row(
  rehearsal: Rehearsal,
  { account, hours, top }: { account: string; hours: Hours; top: number },
): string[] {
  const { from, until, zone, releases, dryAt } = rehearsal;
  const x = (at: Instant) => left + (plotWidth * (at - from)) / (until - from);
  const y = (at: Instant) =>
    top + (rowHeight * (localMinutes(at, zone) / 60 - hours.from)) / (hours.to - hours.from);
  const mine = releases.filter((one) => one.account === account);
  const dry = dryAt[account];
  const format = formatter(zone);
  const count = `${mine.length} ${mine.length === 1 ? 'release' : 'releases'}${dry === undefined ? '' : `, dry from ${format(dry)}`}`;
  return [
    box(left, top, plotWidth, rowHeight, '#f8fafc'),
    ...weekends(rehearsal).map(([start, end]) =>
      box(x(start), top, x(end) - x(start), rowHeight, '#eef2f7'),
    ),
    ...(dry === undefined
      ? []
      : [box(x(dry), top, width - right - x(dry), rowHeight, 'url(#dry)')]),
    label(left, top - 7, account, { isBold: true, fill: '#0f172a' }),
    label(width - right, top - 7, count, { anchor: 'end', fill: '#64748b' }),
    ...[hours.from, hours.to].map((hour, i) =>
      label(left - 8, i ? top + rowHeight : top + 10, `${String(hour).padStart(2, '0')}:00`, {
        anchor: 'end',
        size: 12,
        fill: '#64748b',
      }),
    ),
    ...mine.map(
      ({ at, as }) =>
        `<circle cx="${round(x(at))}" cy="${round(y(at))}" r="3.4" fill="${as ? followUpColour : colours.adaptive}"/>`,
    ),
  ];
}

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
