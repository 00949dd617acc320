import { html } from 'hono/html';
import { type PaceView, readPaces } from '../../commands/views/accounts-view.ts';
import type { CommandContext } from '../../commands/command.ts';
import { readTitles } from '../../commands/views/overview.ts';
import { near } from '../../commands/stats/stats-text.ts';
import type { Cadence } from '../../core/schedule/cadence.ts';
import { formatClock, formatDuration, formatLocal, weekdays } from '../../core/time.ts';
import { drawRange } from '../charts/range.ts';
import type { Html } from '../parts/html.ts';
import { account, address, badge, card, empty, head, titleLink, when } from '../parts/bits.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';

/** How dense the drip is on each account, which hours it takes, and why. */
export async function pace(context: CommandContext, _request: PageRequest): Promise<PageResult> {
  const views = await readPaces(context);
  const titles = await readTitles(
    context,
    views.flatMap(({ upcoming }) => upcoming),
  );
  const { mode } = context.settings.pacing;
  return {
    title: 'Pace',
    body: html`${head('Pace', mode === 'adaptive' ? 'What engagement has taught: how many a day, and at which hours. It is looked at anew once a week.' : 'Pacing is steady: the cadence is kept as it is set.')}
      <div class="grid wide">
        ${views.map((one) =>
          card({
            title: account(context, one.account),
            id: `pace-${one.account}`,
            aside: html`<a
              aria-label="The engagement of ${one.account}"
              href="${address('/engagement', { account: one.account })}"
              >Engagement</a
            >`,
            body: html`${rate(context, one)}
              ${
                one.hoursSaid
                  ? html`<div>
                      <h3>Hours</h3>
                      ${one.hoursSaid.text.map((line) => html`<p class="why">${line}.</p>`)}
                    </div>`
                  : ''
              }
              ${cadence(one.cadence)}
              <div>
                <h3>Its next slots</h3>
                ${
                  one.upcoming.length
                    ? html`<ul class="rows">
                        ${one.upcoming.map(
                          (slot) =>
                            html`<li>
                              <div class="line">
                                ${slot.at === undefined ? '' : when(context, slot.at)}
                                ${titleLink(slot, titles)}
                              </div>
                              <p class="why">${slot.why ?? ''}</p>
                            </li>`,
                        )}
                      </ul>`
                    : empty('None.')
                }
              </div>`,
          }),
        )}
      </div>
      ${views.length ? '' : empty(html`No accounts are configured: <code>npx dripline init</code>`)}`,
  };
}

function rate(
  context: CommandContext,
  { account: name, pace: { rate: now, why, suggested, brake, mode }, cadence: its }: PaceView,
): Html {
  const { min, max } = its?.perDay ?? { min: 1, max: 1 };
  return html`<div class="line">
      <span class="badge">${mode}</span> ${brake ? badge('brake', 'the brake is on') : ''}
    </div>
    <dl class="figures">
      <div>
        <dt>releases a day now</dt>
        <dd>${now === undefined ? '–' : near(now)}</dd>
      </div>
      <div>
        <dt>what the cadence allows</dt>
        <dd>${min === max ? near(max) : `${near(min)} to ${near(max)}`}</dd>
      </div>
      ${
        suggested === undefined
          ? ''
          : html`<div>
              <dt>worth a try</dt>
              <dd>${near(suggested)}</dd>
            </div>`
      }
    </dl>
    ${drawRange({
      id: `rate-${name}`,
      title: `Releases a day of ${name}`,
      desc: `${now === undefined ? 'Not known yet' : `${near(now)} a day`}, between ${near(min)} and ${near(max)}${suggested === undefined ? '' : `; ${near(suggested)} would be worth a try`}.`,
      min,
      max,
      value: now,
      suggested,
    })}
    <p>${why}.</p>
    ${brake ? html`<p class="bad">Braked until ${formatLocal(Date.parse(brake.until), context.settings.zone)}, to ${Math.round(100 * brake.factor)} %: ${brake.why}.</p>` : ''}
    ${suggested === undefined ? '' : html`<p>${near(suggested)} a day would be worth a try, which <code>perDay</code> does not allow: widen its range if you want that.</p>`}`;
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
    <dt>Least gap</dt>
    <dd>${formatDuration(its.minGapFor)}</dd>
    ${
      its.blackout.length
        ? html`<dt>Blackout</dt>
            <dd>${its.blackout.map(({ from, to }) => `${from} to ${to}`).join(', ')}</dd>`
        : ''
    }
  </dl>`;
}
