import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import type { SeriesRow } from '../../commands/views/series-view.ts';
import type { ShownDelivery, ShownPost } from '../../commands/verbs/show.ts';
import { measures, scoreOf } from '../../core/engagement.ts';
import { formatDuration, minute } from '../../core/time.ts';
import { drawLines } from '../charts/lines.ts';
import type { Html } from './html.ts';
import { account, badge, card, postPath, wide } from './bits.ts';

/** A post's numbers as they grew on each account. */
export function numbers(context: CommandContext, { deliveries }: ShownPost): Html {
  const measured = deliveries.filter(({ samples }) => samples.length > 0);
  if (!measured.length) return html``;
  const lines = measured.map((one) => ({
    name: one.delivery.includes('~') ? (one.delivery.split('~')[1] ?? one.account) : one.account,
    index: Math.max(
      0,
      context.settings.accounts.findIndex(({ name }) => name === one.account),
    ),
    points: [
      { x: 0, y: 0 },
      ...one.samples.map((sample) => ({
        x: Math.max(0, Date.parse(sample.at) - bornAt(one)),
        y: scoreOf(sample),
      })),
    ],
  }));
  const isSilent = lines.every(({ points }) => points.every(({ y }) => y === 0));
  const drawn = drawLines({
    id: 'score',
    title: 'Score by age',
    desc: `Likes, and answers and passings-on twice, from the release on: ${measured.map((one) => `${one.account} has ${scoreOf(one.samples.at(-1) ?? {})}`).join(', ')}.`,
    lines,
    tellX: (age) =>
      age < minute ? `${Math.round(age / 1000)}s` : (formatDuration(age).split(' ')[0] ?? ''),
  });
  return card({
    title: 'Numbers',
    body: html`${isSilent ? html`<p class="empty">Nobody has reacted yet.</p>` : drawn}
    ${wide('Numbers of each account', table(context, measured))}`,
    aside: html`<span class="dim small">score: likes, and answers and passings-on twice</span>`,
  });
}

const bornAt = ({ receipts, samples }: ShownDelivery): number =>
  Date.parse(receipts[0]?.at ?? samples[0]?.at ?? '');

const table = (context: CommandContext, measured: ShownDelivery[]): Html =>
  html`<table>
    <caption class="sr">
      The newest numbers of each account
    </caption>
    <thead>
      <tr>
        <th>Account</th>
        ${measures.map((one) => html`<th class="num">${one}</th>`)}
        <th class="num">score</th>
        <th class="num">at the age of</th>
      </tr>
    </thead>
    <tbody>
      ${measured.map((one) => {
        const last = one.samples.at(-1);
        return html`<tr>
          <td>
            ${account(context, one.account, one.delivery.includes('~') ? one.delivery : one.account)}
          </td>
          ${measures.map((name) => html`<td class="num">${last?.[name] ?? '–'}</td>`)}
          <td class="num">${scoreOf(last ?? {})}</td>
          <td class="num">${last ? formatDuration(Date.parse(last.at) - bornAt(one)) : ''}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;

/** What follows when, and where each delivery stands in it. */
export function followUps(context: CommandContext, shown: ShownPost): Html {
  if (!shown.followUps?.length) return html``;
  const standing = shown.deliveries.flatMap((one) =>
    'standing' in one && one.standing ? [{ account: one.account, lines: one.standing }] : [],
  );
  return card({
    title: 'Follow-ups',
    aside: html`<span class="dim small">the first that holds goes out</span>`,
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
  post: 'a post of its own',
};

function graph(rows: SeriesRow[]): Html {
  return html`<ul>
    ${rows.map(
      (row) =>
        html`<li>
          <div class="rule-box">
            <div>
              ${row.otherwise ? html`<b>otherwise</b>` : html`when <code>${row.when}</code> within ${row.within}`}${row.after === undefined ? '' : `, not before ${row.after}`}
            </div>
            <div class="small">
              → <a href="${postPath(row.post)}">${row.post}</a>, as ${articled[row.as]}
              ${row.deliveries.map((one) => html`<span class="nowrap">· ${one.delivery} ${badge(one.state)}</span> `)}
            </div>
          </div>
          ${row.followUps?.length ? graph(row.followUps) : ''}
        </li>`,
    )}
  </ul>`;
}
