import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import type { SeriesRow } from '../../commands/views/series-view.ts';
import { type ShownDelivery, type ShownPost, tellOpened } from '../../commands/views/show-post.ts';
import { type Measure, measuresOf, scoreOf } from '../../core/engagement.ts';
import { formatDuration, minute } from '../../core/time.ts';
import { drawLines, type Line } from '../charts/lines.ts';
import type { Html } from './html.ts';
import { account, badge, card, postPath, wide } from './bits.ts';

/** The growing numbers of a post on each account. */
export function numbers(context: CommandContext, { deliveries }: ShownPost): Html {
  const measured = deliveries.filter(({ samples }) => samples.length > 0);
  if (!measured.length) return clicksAlone(context, deliveries);
  const lines = measured.map((one) => lineOf(context, one));
  const isSilent = lines.every(({ points }) => points.every(({ y }) => y === 0));
  const latest = measured.map((one) => `${one.account} has ${scoreOf(one.samples.at(-1) ?? {})}`);
  const chart = drawLines({
    id: 'score',
    title: 'Score by age',
    desc: `Score since publication: ${latest.join(', ')}.`,
    lines,
    tellX: tellAge,
  });
  return card({
    title: 'Numbers',
    body: html`${isSilent ? html`<p class="empty">There are no reactions yet.</p>` : chart}
    ${wide('Numbers of each account', table(context, measured))} ${opened(context, deliveries)}`,
    aside: html`<span class="dim small">Score = likes + 2 × (replies + reposts + quotes)</span>`,
  });
}

function clicksAlone(context: CommandContext, deliveries: ShownDelivery[]): Html {
  const body = opened(context, deliveries);
  return body === undefined ? html`` : card({ title: 'Numbers', body });
}

/** How often the link of each account was opened; undefined: it is not counted. */
function opened(context: CommandContext, deliveries: ShownDelivery[]): Html | undefined {
  const told = deliveries.flatMap((one) => {
    const lines = tellOpened(one);
    return lines.length > 0 ? [{ name: one.account, lines }] : [];
  });
  if (told.length === 0) return undefined;
  return html`<ul class="rows">
    ${told.map(
      ({ name, lines }) =>
        html`<li>${account(context, name)} <span class="small">${lines.join('. ')}</span></li>`,
    )}
  </ul>`;
}

function lineOf({ settings }: CommandContext, one: ShownDelivery): Line {
  const index = settings.accounts.findIndex(({ name }) => name === one.account);
  const points = one.samples.map((sample) => ({
    x: Math.max(0, Date.parse(sample.at) - bornAt(one)),
    y: scoreOf(sample),
  }));
  return {
    name: one.delivery.split('~')[1] ?? one.account,
    index: Math.max(0, index),
    points: [{ x: 0, y: 0 }, ...points],
  };
}

const tellAge = (age: number): string =>
  age < minute ? `${Math.round(age / 1000)}s` : (formatDuration(age).split(' ')[0] ?? '');

const bornAt = ({ receipts, samples }: ShownDelivery): number =>
  Date.parse(receipts[0]?.at ?? samples[0]?.at ?? '');

function table(context: CommandContext, measured: ShownDelivery[]): Html {
  const shown = measuresOf(measured.map(({ samples }) => samples.at(-1)));
  return html`<table>
    <caption class="sr">
      The latest numbers of each account
    </caption>
    <thead>
      <tr>
        <th>Account</th>
        ${shown.map((one) => html`<th class="num">${one}</th>`)}
        <th class="num">score</th>
        <th class="num">age</th>
      </tr>
    </thead>
    <tbody>
      ${measured.map((one) => row(context, one, shown))}
    </tbody>
  </table>`;
}

function row(context: CommandContext, one: ShownDelivery, shown: Measure[]): Html {
  const last = one.samples.at(-1);
  const name = one.delivery.includes('~') ? one.delivery : one.account;
  return html`<tr>
    <td>${account(context, one.account, name)}</td>
    ${shown.map((measure) => html`<td class="num">${last?.[measure] ?? '–'}</td>`)}
    <td class="num">${scoreOf(last ?? {})}</td>
    <td class="num">${last ? formatDuration(Date.parse(last.at) - bornAt(one)) : ''}</td>
  </tr>`;
}

/** The follow-ups with their conditions, and how far each delivery is. */
export function followUps(context: CommandContext, shown: ShownPost): Html {
  if (!shown.followUps?.length) return html``;
  const standing = shown.deliveries.flatMap((one) =>
    'standing' in one && one.standing ? [{ account: one.account, lines: one.standing }] : [],
  );
  return card({
    title: 'Follow-ups',
    aside: html`<span class="dim small">the first that applies is published</span>`,
    body: html`<div class="series-graph">${graph(shown.followUps)}</div>
      ${standing.map(
        ({ account: name, lines }) =>
          html`<div class="standing">
            ${account(context, name)}
            <ul>
              ${lines.map((line) => html`<li>${line}</li>`)}
            </ul>
          </div>`,
      )}`,
  });
}

const articled: Record<SeriesRow['as'], string> = {
  reply: 'a reply',
  quote: 'a quote',
  repost: 'a repost',
  post: 'a separate post',
};

const graph = (rows: SeriesRow[]): Html =>
  html`<ul>
    ${rows.map(rule)}
  </ul>`;

function rule(row: SeriesRow): Html {
  const condition = row.otherwise
    ? html`<b>otherwise</b>`
    : html`when <code>${row.when}</code> within ${row.within}`;
  const deliveries = row.deliveries.map(
    (one) => html`<span class="nowrap">· ${one.delivery} ${badge(one.state)}</span> `,
  );
  return html`<li>
    <div class="rule-box">
      <div>${condition}${row.after === undefined ? '' : `, not before ${row.after}`}</div>
      <div class="small">
        → <a href="${postPath(row.post)}">${row.post}</a>, as ${articled[row.as]} ${deliveries}
      </div>
    </div>
    ${row.followUps?.length ? graph(row.followUps) : ''}
  </li>`;
}
