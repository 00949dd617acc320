import type { Delivery } from '../../core/delivery/delivery.ts';
import { measuresOf } from '../../core/engagement.ts';
import { networkNames } from '../../core/network/network.ts';
import { formatUsd } from '../../core/network/x-prices.ts';
import { plural } from '../../core/plural.ts';
import { formatLocal, type Instant } from '../../core/time.ts';
import type { CommandContext } from '../command.ts';
import { monthName } from '../publishing-words.ts';
import { near, tellComparison } from '../stats/stats-text.ts';
import type { Report } from './read-report.ts';
import { reportStyle } from './report-style.ts';

const signs: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string) => text.replaceAll(/[&<>"']/g, (sign) => signs[sign] ?? sign);

type Settings = CommandContext['settings'];
type Pen = Report & { settings: Settings };

/** One file: its style is in it, and nothing is loaded from anywhere. */
export function toReportHtml(report: Report, settings: Settings): string {
  const pen: Pen = { ...report, settings };
  const title = `Report for ${fullMonth(report.month.name)}`;
  const { isOver, until } = report.month;
  const about = isOver ? 'The whole month.' : `Until ${at(pen, until)}: the month is not over.`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>${title}</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${about} Times are in ${escape(settings.zone)}.</p>
${[published, best, engagement, campaigns, cost, failed, next].map((one) => one(pen)).join('\n')}
</main>
<footer>Made by Dripline, ${at(pen, report.now)}.</footer>
</body>
</html>
`;
}

const fullMonth = (month: string) => `${monthName(month)} ${month.slice(0, 4)}`;
const at = ({ settings }: Pick<Pen, 'settings'>, instant: Instant) =>
  formatLocal(instant, settings.zone);
const section = (title: string, body: string) => `<section><h2>${title}</h2>\n${body}\n</section>`;
const paragraph = (text: string) => `<p>${escape(text)}</p>`;

/** Cells are HTML. A column with numbers is shown at the right. */
function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const look = heads.map((_, i) =>
    rows.some((cells) => typeof cells[i] === 'number') ? ' class="n"' : '',
  );
  const cell = (one: string | number, i: number) =>
    `<td${look[i] ?? ''}>${typeof one === 'number' ? one.toLocaleString('en') : one}</td>`;
  const head = heads.map((one, i) => `<th scope="col"${look[i] ?? ''}>${one}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map(cell).join('')}</tr>`).join('\n');
  const whole = `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
  // What is wider than a phone is scrolled with the keyboard too.
  return `<div class="wide" tabindex="0" role="group" aria-label="Table">${whole}</div>`;
}

const networkOf = ({ settings }: Pen, account: string) => {
  const found = settings.accounts.find(({ name }) => name === account);
  return found ? networkNames[found.network] : '–';
};

function published(pen: Pen): string {
  const total = pen.accounts.reduce((sum, { releases }) => sum + releases, 0);
  if (!total) return section('Published', paragraph('Nothing was published in this month.'));
  const rows = pen.accounts.map(({ account, releases }) => [
    escape(account),
    networkOf(pen, account),
    releases,
  ]);
  const sum = `${plural(total, 'post')} published. A post counts once on each account.`;
  return section('Published', paragraph(sum) + table(['Account', 'Network', 'Posts'], rows));
}

const titleOf = ({ titles }: Pen, { post }: Delivery) => titles.get(post)?.title ?? post;

function best(pen: Pen): string {
  if (!pen.best.length)
    return section('Best posts', paragraph('There are no numbers of posts of this month yet.'));
  const rows = pen.best.map(({ delivery, at: then, score, sample }) => [
    linked(delivery.receipts[0]?.url, titleOf(pen, delivery)),
    escape(delivery.account),
    at(pen, then),
    score,
    sample?.counts.likes ?? '–',
    sample?.counts.replies ?? '–',
  ]);
  const heads = ['Post', 'Account', 'Published', 'Score', 'Likes', 'Replies'];
  return section(
    'Best posts',
    table(heads, rows) + paragraph('Score = likes + 2 × (replies + reposts + quotes)'),
  );
}

function linked(url: string | undefined, text: string): string {
  const isWeb = url !== undefined && /^https?:\/\//i.test(url);
  return isWeb ? `<a href="${escape(url)}">${escape(text)}</a>` : escape(text);
}

function engagement(pen: Pen): string {
  const measures = measuresOf(pen.accounts.map(({ counts }) => counts));
  const heads = ['Account', 'Posts', 'Score', ...measures, 'Posts before', 'Score before'];
  const rows = pen.accounts.map(({ account, releases, measured, score, counts, before }) => [
    escape(account),
    releases,
    measured ? score : '–',
    ...measures.map((one) => counts[one] ?? '–'),
    before.releases,
    before.measured ? before.score : '–',
  ]);
  const said = pen.accounts.map(({ account, comparison }) => {
    const told = comparison ? tellComparison(comparison) : 'Too few posts to tell.';
    return `<li>${escape(`${account}: ${told}`)}</li>`;
  });
  const before = fullMonth(pen.month.before.name);
  const about = `Compared with ${before}, as that month stood when it ended.`;
  return section(
    'Engagement',
    `${paragraph(about)}${table(heads, rows)}<ul>${said.join('\n')}</ul>`,
  );
}

function campaigns(pen: Pen): string {
  if (!pen.campaigns.length)
    return section('Campaigns', paragraph('No post of this month belongs to a campaign.'));
  const rows = pen.campaigns.flatMap(({ campaign, posts, touches }) => {
    const told = touches.map(
      (one) =>
        `${one.account}: ${one.isEstimated ? '~' : ''}${near(one.perFollower)} of ${one.towards}`,
    );
    return [[escape(campaign), posts, escape(told.join('; ') || '–')]];
  });
  const about =
    'Touches say how often the average follower has seen a campaign, as of today. ' +
    '~ is an estimate.';
  return section(
    'Campaigns',
    table(['Campaign', 'Posts this month', 'Touches'], rows) + paragraph(about),
  );
}

function cost(pen: Pen): string {
  if (!pen.spend.length)
    return section('Costs', paragraph('No account uses a network that bills for its API.'));
  const rows = pen.spend.map(({ account, microUsd, budget }) => [
    escape(account),
    networkOf(pen, account),
    formatUsd(microUsd),
    budget === undefined ? 'none' : formatUsd(budget),
  ]);
  return section(
    'Costs',
    table(['Account', 'Network', 'Spent in the month', 'Monthly budget'], rows),
  );
}

const troubleNames: Record<string, string> = {
  failed: 'failed',
  uncertain: 'uncertain',
  missed: 'missed',
  expired: 'expired',
  deleted: 'deleted on the network',
};

function failed(pen: Pen): string {
  const { counts, latest, count } = pen.troubles;
  if (!count) return section('What failed', paragraph('Nothing failed in this month.'));
  const sums = [...counts].map(([type, many]) => `${many} ${troubleNames[type] ?? type}`);
  const rows = latest.map(({ at: then, delivery, type, text = '' }) => [
    at(pen, then),
    escape(delivery ?? '–'),
    troubleNames[type] ?? type,
    escape(text),
  ]);
  const left = count - latest.length;
  const more = left > 0 ? paragraph(`${left} earlier ones are in the journal.`) : '';
  return section(
    'What failed',
    paragraph(`${sums.join(', ')}.`) +
      table(['When', 'Post and account', 'State', 'Why'], rows) +
      more,
  );
}

function next(pen: Pen): string {
  const title = 'Scheduled next';
  if (!pen.next.length) return section(title, paragraph('Nothing is scheduled as of today.'));
  const rows = pen.next.map((one) => [
    one.state === 'planned' ? at(pen, one.at) : '–',
    escape(titleOf(pen, one)),
    escape(one.account),
  ]);
  return section(title, table(['When', 'Post', 'Account'], rows));
}
