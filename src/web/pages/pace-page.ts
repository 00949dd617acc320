import { html } from 'hono/html';
import { type PaceView, readPaces } from '../../commands/views/accounts-view.ts';
import type { CommandContext } from '../../commands/command.ts';
import { readTitles } from '../../commands/views/overview.ts';
import { near } from '../../commands/stats/stats-text.ts';
import type { Cadence } from '../../core/schedule/cadence.ts';
import { formatClock, formatDuration, formatLocal, weekdays } from '../../core/time.ts';
import { drawRange } from '../charts/range.ts';
import type { Html } from '../parts/html.ts';
import {
  account,
  address,
  badge,
  card,
  empty,
  head,
  noAccounts,
  titleLink,
  when,
} from '../parts/bits.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';

/** How often each account posts, at which hours, and why. */
export async function pace(context: CommandContext, _request: PageRequest): Promise<PageResult> {
  const views = await readPaces(context);
  const titles = await readTitles(
    context,
    views.flatMap(({ upcoming }) => upcoming),
  );
  const about = context.settings.pacing.mode === 'adaptive' ? adaptive : steady;
  return {
    title: 'Pace',
    body: html`${head('Pace', about)}
      <div class="grid wide">${views.map((one) => paceCard(context, one, titles))}</div>
      ${views.length ? '' : noAccounts()}`,
  };
}

const adaptive =
  'What Dripline learned from engagement: how many posts a day, and when. It learns once a week.';
const steady = 'The cadence is fixed: Dripline does not change it.';

type Titles = Awaited<ReturnType<typeof readTitles>>;

function paceCard(context: CommandContext, one: PaceView, titles: Titles): Html {
  return card({
    title: account(context, one.account),
    id: `pace-${one.account}`,
    aside: html`<a
      aria-label="The engagement of ${one.account}"
      href="${address('/engagement', { account: one.account })}"
      >Engagement</a
    >`,
    body: html`${rate(context, one)} ${hours(one)} ${cadence(one.cadence)}
      <div>
        <h3>Next posts</h3>
        ${nextPosts(context, one, titles)}
      </div>`,
  });
}

function hours({ hoursSaid }: PaceView): Html | string {
  if (!hoursSaid) return '';
  return html`<div>
    <h3>Hours</h3>
    ${hoursSaid.text.map((line) => html`<p class="why">${line}.</p>`)}
  </div>`;
}

function nextPosts(context: CommandContext, { upcoming }: PaceView, titles: Titles): Html {
  if (!upcoming.length) return empty('None.');
  const rows = upcoming.map(
    (one) =>
      html`<li>
        <div class="line">
          ${one.at === undefined ? '' : when(context, one.at)} ${titleLink(one, titles)}
        </div>
        <p class="why">${one.why ?? ''}</p>
      </li>`,
  );
  return html`<ul class="rows">
    ${rows}
  </ul>`;
}

function rate(context: CommandContext, one: PaceView): Html {
  const { brake, mode, why, suggested } = one.pace;
  const isOver = suggested !== undefined;
  return html`<div class="line">
      <span class="badge">${mode}</span> ${brake ? badge('brake', 'brake on') : ''}
    </div>
    ${figures(one)} ${chart(one)}
    <p>${why}.</p>
    ${brake ? html`<p class="bad">${tellBrake(brake, context.settings.zone)}</p>` : ''}
    ${isOver ? suggestion(suggested) : ''}`;
}

const suggestion = (rate: number): Html =>
  html`<p>
    ${near(rate)} posts a day may do better, but <code>perDay</code> does not allow it. Widen its
    range to try.
  </p>`;

type Brake = NonNullable<PaceView['pace']['brake']>;

const tellBrake = ({ until, factor, why }: Brake, zone: string): string => {
  const end = formatLocal(Date.parse(until), zone);
  return `Slowed down to ${Math.round(100 * factor)} % until ${end}: ${why}.`;
};

function limitsOf({ cadence: its }: PaceView): { min: number; max: number; range: string } {
  const { min, max } = its?.perDay ?? { min: 1, max: 1 };
  return { min, max, range: min === max ? near(max) : `${near(min)} to ${near(max)}` };
}

function figures(one: PaceView): Html {
  const { rate: now, suggested } = one.pace;
  const figure = (name: string, value: string): Html =>
    html`<div>
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`;
  return html`<dl class="figures">
    ${figure('posts a day now', now === undefined ? '–' : near(now))}
    ${figure('allowed by the cadence', limitsOf(one).range)}
    ${suggested === undefined ? '' : figure('worth a try', near(suggested))}
  </dl>`;
}

function chart(one: PaceView): Html {
  const { rate: value, suggested } = one.pace;
  const { min, max } = limitsOf(one);
  const now = value === undefined ? 'Not known yet' : `${near(value)} a day`;
  const more = suggested === undefined ? '' : `; ${near(suggested)} is worth a try`;
  return drawRange({
    id: `rate-${one.account}`,
    title: `Posts a day of ${one.account}`,
    desc: `${now}, between ${near(min)} and ${near(max)}${more}.`,
    min,
    max,
    value,
    suggested,
  });
}

function cadence(its: Cadence | undefined): Html {
  if (!its) return html``;
  const days =
    its.days.length === 7
      ? 'every day'
      : weekdays.filter((one) => its.days.includes(one)).join(', ');
  return html`<dl class="facts">
    <dt>Windows</dt>
    <dd>
      ${its.windows.map(({ from, to }) => `${formatClock(from)}–${formatClock(to)}`).join(', ')}
    </dd>
    <dt>Days</dt>
    <dd>${days}</dd>
    <dt>Minimum gap</dt>
    <dd>${formatDuration(its.minGapFor)}</dd>
    ${
      its.blackout.length
        ? html`<dt>Blackout</dt>
            <dd>${its.blackout.map(({ from, to }) => `${from} to ${to}`).join(', ')}</dd>`
        : ''
    }
  </dl>`;
}
