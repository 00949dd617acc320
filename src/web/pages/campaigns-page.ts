import { html } from 'hono/html';
import { plural } from '../../core/plural.ts';
import { tellClicks } from '../../commands/clicks/read-clicks.ts';
import type { CommandContext } from '../../commands/command.ts';
import { type CampaignView, readCampaigns } from '../../commands/views/campaigns-view.ts';
import { near } from '../../commands/stats/stats-text.ts';
import { drawShare } from '../charts/share.ts';
import type { Html } from '../parts/html.ts';
import { account, card, empty, head } from '../parts/bits.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';

/** How often the average follower has probably seen each campaign, against its limit. */
export async function campaigns(
  context: CommandContext,
  _request: PageRequest,
): Promise<PageResult> {
  const all = await readCampaigns(context);
  const used = all.map(({ campaign }) => campaign);
  const names = [...new Set([...used, ...Object.keys(context.settings.campaigns)])].sort();
  const rowsOf = (name: string) => all.filter(({ campaign }) => campaign === name);
  return {
    title: 'Campaigns',
    body: html`${head('Campaigns', about)}
      <div class="grid wide">${names.map((name) => one(context, name, rowsOf(name)))}</div>
      ${names.length ? estimateNote() : empty(howToAdd())}`,
  };
}

const about =
  'Touches: how often the average follower has probably seen a campaign in the last 26 weeks.';

const estimateNote = (): Html =>
  html`<p class="dim small">
    ~ is an estimate: without counts of views or followers, Dripline assumes that one follower in
    ten sees a post.
  </p>`;

const howToAdd = (): Html =>
  html`There are no campaigns yet. A post joins one with <code>campaign:</code> in its front matter.
    The limit of touches is under <code>campaigns</code> in the configuration.`;

function one(context: CommandContext, name: string, rows: CampaignView[]): Html {
  const utm = Object.entries(context.settings.campaigns[name]?.utm ?? {});
  const tags = utm.map(([key, value]) => `utm_${key}=${value}`).join(', ');
  const count = rows.reduce((sum, { releases }) => sum + releases, 0);
  return card({
    title: name,
    id: `campaign-${name}`,
    aside: html`<span class="dim small">${plural(count, 'post')}</span>`,
    body: html`${
      rows.length
        ? html`<ul class="rows">
            ${rows.map((row) => accountRow(context, row))}
          </ul>`
        : empty('No post of this campaign was published in the last 26 weeks.')
    }
    ${utm.length ? html`<p class="why">UTM tags of its links: ${tags}.</p>` : ''}`,
  });
}

function accountRow(context: CommandContext, row: CampaignView): Html {
  const total = html`${estimated(row.perFollower, row)} of ${near(row.towards)} touches`;
  const week = html`${estimated(row.lastWeek, row)} of ${near(row.perWeek)} in seven days`;
  const { heldBecause, clicks } = row;
  return html`<li>
    <div class="line">
      ${account(context, row.account)}
      <span class="dim small">${plural(row.releases, 'post')}</span>
    </div>
    ${drawShare(row.perFollower, row.towards, total)} ${drawShare(row.lastWeek, row.perWeek, week)}
    ${clicks === undefined ? '' : html`<p class="small">Links: ${tellClicks(clicks)}.</p>`}
    ${heldBecause === undefined ? '' : html`<p class="bad small">On hold: ${heldBecause}.</p>`}
  </li>`;
}

const estimated = (value: number, { isEstimated }: CampaignView): string =>
  `${isEstimated ? '~' : ''}${near(value)}`;
