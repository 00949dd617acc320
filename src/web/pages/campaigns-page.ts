import { html } from 'hono/html';
import { plural } from '../../core/plural.ts';
import type { CommandContext } from '../../commands/command.ts';
import { type CampaignView, readCampaigns } from '../../commands/views/campaigns-view.ts';
import { near } from '../../commands/stats/stats-text.ts';
import { drawShare } from '../charts/share.ts';
import type { Html } from '../parts/html.ts';
import { account, card, empty, head } from '../parts/bits.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';

/** How often the average follower has probably seen each campaign, towards its number. */
export async function campaigns(
  context: CommandContext,
  _request: PageRequest,
): Promise<PageResult> {
  const all = await readCampaigns(context);
  const names = [
    ...new Set([
      ...all.map(({ campaign }) => campaign),
      ...Object.keys(context.settings.campaigns),
    ]),
  ].sort();
  return {
    title: 'Campaigns',
    body: html`${head('Campaigns', 'Touches: how often the average follower has probably seen each campaign in the last 26 weeks.')}
      <div class="grid wide">
        ${names.map((name) =>
          one(
            context,
            name,
            all.filter(({ campaign }) => campaign === name),
          ),
        )}
      </div>
      ${
        names.length
          ? html`<p class="dim small">
              ~ is reckoned: where nobody counts views or followers, one follower in ten is taken to
              see a post.
            </p>`
          : empty(
              html`There are none. A post joins one with <code>campaign:</code> in its front matter;
                its number of touches stands under <code>campaigns</code> in the configuration.`,
            )
      }`,
  };
}

function one(context: CommandContext, name: string, rows: CampaignView[]): Html {
  const utm = Object.entries(context.settings.campaigns[name]?.utm ?? {});
  return card({
    title: name,
    id: `campaign-${name}`,
    aside: html`<span class="dim small"
      >${plural(
        rows.reduce((sum, { releases }) => sum + releases, 0),
        'release',
      )}</span
    >`,
    body: html`${
      rows.length
        ? html`<ul class="rows">
            ${rows.map(
              (row) =>
                html`<li>
                  <div class="line">
                    ${account(context, row.account)}
                    <span class="dim small">${plural(row.releases, 'release')}</span>
                  </div>
                  ${drawShare(row.perFollower, row.towards, html`${reckoned(row.perFollower, row)} of ${near(row.towards)} touches`)}
                  ${drawShare(row.lastWeek, row.perWeek, html`${reckoned(row.lastWeek, row)} of ${near(row.perWeek)} in seven days`)}
                  ${row.heldBecause === undefined ? '' : html`<p class="bad small">It rests: ${row.heldBecause}.</p>`}
                </li>`,
            )}
          </ul>`
        : empty('Nothing of it was released in the last 26 weeks.')
    }
    ${utm.length ? html`<p class="why">Links carry ${utm.map(([key, value]) => `utm_${key}=${value}`).join(', ')}.</p>` : ''}`,
  });
}

const reckoned = (value: number, { isEstimated }: CampaignView): string =>
  `${isEstimated ? '~' : ''}${near(value)}`;
