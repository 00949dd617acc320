import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { inGroups } from '../../commands/stats/stats-chart.ts';
import { type AccountStats, readAccountStats } from '../../commands/stats/stats-read.ts';
import { tellBefore, tellClicked, tellSpan, tellTypical } from '../../commands/stats/stats-text.ts';
import { plural } from '../../core/plural.ts';
import { measures } from '../../core/engagement.ts';
import { day, formatDate, formatDay, weekdays } from '../../core/time.ts';
import { drawBars } from '../charts/bars.ts';
import { drawHeat } from '../charts/heat.ts';
import type { Html } from '../parts/html.ts';
import { filterByAccount } from '../parts/filters.ts';
import { account, address, card, empty, head, networkOf, noAccounts, wide } from '../parts/bits.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';

const spans = [7, 30, 90];

export const engagementDays = (asked: string | null | undefined): number =>
  spans.find((one) => String(one) === asked) ?? 30;

/** The engagement of one account, over time and by hour of the week. */
export async function engagement(
  context: CommandContext,
  { query }: PageRequest,
): Promise<PageResult> {
  const { settings, clock } = context;
  const chosen =
    settings.accounts.find(({ name }) => name === query.get('account')) ?? settings.accounts[0];
  const days = engagementDays(query.get('days'));
  const title = 'Engagement';
  if (!chosen) return { title, body: html`${head(title)} ${noAccounts()}` };
  const until = clock.now();
  const stats = await readAccountStats(context, chosen, { since: until - days * day, until });
  const about = html`${account(context, chosen.name)} on ${networkOf(chosen.network)}, posts
  published in the last ${days} days.`;
  return {
    title,
    body: html`${head(title, about, spanTabs(chosen.name, days))}
      ${filterByAccount(context, {
        path: '/engagement',
        chosen: chosen.name,
        query: { days: String(days) },
        hasAll: false,
      })}
      ${totals(stats, days)} ${overTime(stats)} ${byHour(stats)}
      <p>
        <a href="${address('/engagement.csv', { account: chosen.name, days })}" download
          >Download these posts as CSV</a
        >
        · <a href="/report">Report of this month, to print</a>
      </p>`,
  };
}

function spanTabs(name: string, chosen: number): Html {
  const tab = (days: number): Html =>
    html`<a
      href="${address('/engagement', { account: name, days })}"
      ${days === chosen ? html`aria-current="true"` : ''}
      >${days} days</a
    >`;
  return html`<nav class="tabs" aria-label="Periods">${spans.map(tab)}</nav>`;
}

function totals(stats: AccountStats, days: number): Html {
  const known = measures.filter((one) => stats.counts[one] !== undefined);
  const figures: [string, number][] = [
    ['posts', stats.releases],
    ...(stats.measured ? ([['score', stats.score]] as [string, number][]) : []),
    ...known.map((one): [string, number] => [one, stats.counts[one] ?? 0]),
  ];
  return card({
    title: 'Total',
    body: html`<dl class="figures">${figures.map(figure)}</dl>
      <p>${tellBefore(stats, tellSpan(days * day))}</p>
      <p>${tellTypical(stats.typical)}</p>
      ${tellClicked(stats).map((line) => html`<p>${line}</p>`)}`,
    aside: html`<span class="dim small">without numbers that the network does not report</span>`,
  });
}

const figure = ([name, value]: [string, number]): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value.toLocaleString('en')}</dd>
  </div>`;

const mostBars = 45;

function overTime({ days, account: name }: AccountStats): Html {
  const bars = inGroups(days, mostBars).map(toBar);
  const best = bars.toSorted((a, b) => (b.value ?? 0) - (a.value ?? 0))[0];
  const title = 'Over time';
  if (!best?.value)
    return card({
      title,
      body: empty('There are no numbers yet. The first ones come minutes after a post.'),
    });
  const on = formatDate(best.date);
  const most = `The highest score is ${best.value}, of posts published on ${on}.`;
  const chart = drawBars({
    id: 'over-time',
    title: `Score of ${name} by the day of publication`,
    desc: `${most} The table below lists every day.`,
    bars,
  });
  return card({
    title,
    body: html`${chart} ${asTable(wide('The days as a table', dayTable(bars)))}`,
    aside: html`<span class="dim small">by the day of publication</span>`,
  });
}

function toBar(some: AccountStats['days']) {
  const known = some.flatMap(({ score }) => score ?? []);
  const value = known.length ? known.reduce((sum, one) => sum + one, 0) : undefined;
  const releases = some.reduce((sum, one) => sum + one.releases, 0);
  const date = some[0]?.date ?? '';
  const score = value === undefined ? 'no numbers' : `score ${value}`;
  return {
    label: formatDay(date),
    date,
    releases,
    value,
    note: `${formatDate(date)}: ${score}, ${plural(releases, 'post')}`,
  };
}

const asTable = (table: Html): Html =>
  html`<details class="more">
    <summary>As a table</summary>
    ${table}
  </details>`;

const dayTable = (bars: ReturnType<typeof toBar>[]): Html =>
  html`<table>
    <thead>
      <tr>
        <th>Published from</th>
        <th class="num">posts</th>
        <th class="num">score</th>
      </tr>
    </thead>
    <tbody>
      ${bars.map(
        ({ date, releases, value }) =>
          html`<tr>
            <td>${formatDate(date)}</td>
            <td class="num">${releases}</td>
            <td class="num">${value ?? '–'}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;

/** The value of each hour, and how certain it is. */
function byHour({ hours, hoursSaid, account: name }: AccountStats): Html {
  const title = 'By hour of the week';
  if (!hours) return card({ title, body: empty('Best times are off: you chose a fixed cadence.') });
  const lines = hoursSaid?.text ?? [];
  const isReal = hoursSaid?.isReal ?? false;
  const chart = drawHeat({
    id: 'by-hour',
    title: `Value of each hour of the week for ${name}`,
    desc: lines.join('. ') || 'Nothing is known yet.',
    hours,
    isReal,
  });
  const note = html`<p class="dim">
    The chart shows assumptions. The data shows no real difference between hours yet.
  </p>`;
  return card({
    title,
    body: html`${lines.map((line) => html`<p>${line}.</p>`)} ${isReal ? '' : note}
    ${wide('The hours of the week', chart)}
    ${asTable(wide('The hours of the week as a table', hourTable(hours)))}`,
    aside: html`<span class="dim small">compared with a typical post</span>`,
  });
}

const twoDigits = (hour: number) => String(hour).padStart(2, '0');

const hourTable = (hours: readonly number[]): Html =>
  html`<table>
    <thead>
      <tr>
        <th>Hour</th>
        ${weekdays.map((one) => html`<th class="num">${one}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${Array.from(
        { length: 24 },
        (_, hour) =>
          html`<tr>
            <td>${twoDigits(hour)}:00</td>
            ${weekdays.map((_day, i) => timesCell(hours[i * 24 + hour]))}
          </tr>`,
      )}
    </tbody>
  </table>`;

const timesCell = (times = 1): Html => html`<td class="num">${times.toFixed(2)}</td>`;
