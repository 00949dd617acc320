import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { inGroups } from '../../commands/stats/stats-chart.ts';
import { type AccountStats, readAccountStats } from '../../commands/stats/stats-read.ts';
import { tellBefore, tellTypical } from '../../commands/stats/stats-text.ts';
import { measures } from '../../core/engagement.ts';
import { day, formatDuration, weekdays } from '../../core/time.ts';
import { drawBars } from '../charts/bars.ts';
import { drawHeat } from '../charts/heat.ts';
import type { Html } from '../parts/html.ts';
import { filterByAccount } from '../parts/filters.ts';
import { account, address, card, empty, head, networkOf, wide } from '../parts/bits.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';

const spans = [7, 30, 90];

/** What the releases of one account came to, over time and by hour of the week. */
export async function engagement(
  context: CommandContext,
  { query }: PageRequest,
): Promise<PageResult> {
  const { settings, clock } = context;
  const chosen =
    settings.accounts.find(({ name }) => name === query.get('account')) ?? settings.accounts[0];
  const days = spans.find((one) => String(one) === query.get('days')) ?? 30;
  const title = 'Engagement';
  if (!chosen)
    return {
      title,
      body: html`${head(title)}
      ${empty(html`No accounts are configured: <code>npx dripline init</code>`)}`,
    };
  const until = clock.now();
  const stats = await readAccountStats(context, chosen, { since: until - days * day, until });
  const spanTabs = html`<nav class="tabs" aria-label="Periods">
    ${spans.map((one) => html`<a href="${address('/engagement', { account: chosen.name, days: one })}" ${one === days ? html`aria-current="true"` : ''}>${one} days</a>`)}
  </nav>`;
  return {
    title,
    body: html`${head(title, html`${account(context, chosen.name)} on ${networkOf(chosen.network)}, posts released in the last ${days} days.`, spanTabs)}
    ${filterByAccount(context, '/engagement', chosen.name, { days: String(days) }, '')}
    ${totals(stats, days)} ${overTime(stats)} ${byHour(stats)}`,
  };
}

function totals(stats: AccountStats, days: number): Html {
  const known = measures.filter((one) => stats.counts[one] !== undefined);
  const figures: [string, number][] = [
    ['releases', stats.releases],
    ...(stats.measured ? ([['score', stats.score]] as [string, number][]) : []),
    ...known.map((one): [string, number] => [one, stats.counts[one] ?? 0]),
  ];
  return card({
    title: 'In all',
    body: html`<dl class="figures">
        ${figures.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value.toLocaleString('en')}</dd>
            </div>`,
        )}
      </dl>
      <p>${tellBefore(stats, formatDuration(days * day))}</p>
      <p>${tellTypical(stats.typical)}</p>`,
    aside: html`<span class="dim small">a number that a network does not give is left out</span>`,
  });
}

const mostBars = 45;

function overTime({ days, account: name }: AccountStats): Html {
  const groups = inGroups(days, mostBars);
  const bars = groups.map((some) => {
    const known = some.flatMap(({ score }) => score ?? []);
    const value = known.length ? known.reduce((sum, one) => sum + one, 0) : undefined;
    const releases = some.reduce((sum, one) => sum + one.releases, 0);
    const label = (some[0]?.date ?? '').slice(5).replace('-', '/');
    return {
      label,
      date: some[0]?.date ?? '',
      releases,
      value,
      note: `${some[0]?.date}: ${value === undefined ? 'no numbers' : `score ${value}`}, ${releases} released`,
    };
  });
  const best = bars.toSorted((a, b) => (b.value ?? 0) - (a.value ?? 0))[0];
  if (!best?.value)
    return card({
      title: 'Over time',
      body: empty('No numbers yet: they come in from the first minutes after a release.'),
    });
  const chart = drawBars({
    id: 'over-time',
    title: `Score of ${name} by the day of the release`,
    desc: `The highest is ${best.value}, of posts released on ${best.date}. The table below has every day.`,
    bars,
  });
  return card({
    title: 'Over time',
    body: html`${chart}
      <details class="more">
        <summary>As a table</summary>
        ${wide('The days as a table', dayTable(bars))}
      </details>`,
    aside: html`<span class="dim small">by the day of the release</span>`,
  });
}

const dayTable = (bars: { date: string; releases: number; value: number | undefined }[]): Html =>
  html`<table>
    <thead>
      <tr>
        <th>Released from</th>
        <th class="num">releases</th>
        <th class="num">score</th>
      </tr>
    </thead>
    <tbody>
      ${bars.map(
        ({ date, releases, value }) =>
          html`<tr>
            <td>${date}</td>
            <td class="num">${releases}</td>
            <td class="num">${value ?? '–'}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;

/** What the hours are worth, and how sure that is: where nothing is known it says so. */
function byHour({ hours, hoursSaid, account: name }: AccountStats): Html {
  if (!hours)
    return card({
      title: 'By hour of the week',
      body: empty('Nothing is learned about hours: the cadence is kept as it is set.'),
    });
  const said = hoursSaid?.text ?? [];
  const isReal = hoursSaid?.isReal ?? false;
  return card({
    title: 'By hour of the week',
    body: html`${said.map((line) => html`<p>${line}.</p>`)}
      ${isReal ? '' : html`<p class="dim">The picture shows what is assumed so far; none of it is a real difference yet.</p>`}
      ${wide('The hours of the week', drawHeat({ id: 'by-hour', title: `What each hour of the week is worth for ${name}`, desc: said.join('. ') || 'Nothing is known yet.', hours, isReal }))}
      <details class="more">
        <summary>As a table</summary>
        ${wide('The hours of the week as a table', hourTable(hours))}
      </details>`,
    aside: html`<span class="dim small">times the usual post</span>`,
  });
}

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
            <td>${String(hour).padStart(2, '0')}:00</td>
            ${weekdays.map((_day, i) => html`<td class="num">${(hours[i * 24 + hour] ?? 1).toFixed(2)}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
