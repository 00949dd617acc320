import { ownCommand } from '../../core/text/own-command.ts';
import { measuresOf } from '../../core/engagement.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { cardLeadsPast, tellClicks } from '../clicks/read-clicks.ts';
import { networkNames } from '../../core/network/network.ts';
import { formatUsd } from '../../core/network/x-prices.ts';
import { plural } from '../../core/plural.ts';
import { day, formatLocal, hour } from '../../core/time.ts';
import { drawBars, drawWeek, inGroups, wrap } from './stats-chart.ts';
import type { RuleRow } from './stats-events.ts';
import type { PaceRow } from './stats-pace.ts';
import type { AccountStats, Stats } from './stats-read.ts';
import { monthName } from '../publishing-words.ts';
import { shorten, toTable } from '../table.ts';

/** At most a hundred columns wide. */
export function tellStats(stats: Stats, zone: string): string {
  const { accounts, campaign } = stats;
  if (!accounts.length) return `No accounts are configured: ${ownCommand('init')}`;
  const span = tellSpan(Date.parse(stats.until) - Date.parse(stats.since));
  const since = formatLocal(Date.parse(stats.since), zone);
  const only = campaign === undefined ? '' : `, only the campaign ${campaign}`;
  const sections = [
    [...wrap(`Since ${since} (${span})${only}:`), '', tellTotals(accounts), scoreFormula],
    ...accounts.map((one) => tellAccount(one, { span, zone, isWhole: campaign === undefined })),
    tellTouches(stats),
    tellFollowUps(stats),
    tellPeople(stats, zone),
    campaign === undefined ? stats.spend.flatMap(tellSpend) : [],
  ];
  return sections
    .filter((lines) => lines.length)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

const scoreFormula = ' Score = likes + 2 × (replies + reposts + quotes)';

/** `7 days`, `12 hours`. */
export const tellSpan = (ms: number): string =>
  ms < 2 * day ? plural(Math.round(ms / hour), 'hour') : plural(Math.round(ms / day), 'day');

function tellTotals(accounts: AccountStats[]): string {
  const shown = measuresOf(accounts.map(({ counts }) => counts));
  return toTable(
    ['account', 'network', 'posts', ...shown, 'score'],
    accounts.map(({ account, network, releases, measured, counts, score }) => [
      shorten(account, 24),
      networkNames[network],
      String(releases),
      ...shown.map((one) => (counts[one] === undefined ? '–' : String(counts[one]))),
      measured ? String(score) : '–',
    ]),
  );
}

/** What is learned is learned from all posts of the account, not from one campaign's. */
function tellAccount(
  one: AccountStats,
  { span, zone, isWhole }: { span: string; zone: string; isWhole: boolean },
): string[] {
  const { account, network, days } = one;
  const hours = isWhole ? one.hours : undefined;
  const lines = [
    tellBefore(one, span),
    ...tellClicked(one),
    ...(isWhole ? tellLearned(one, zone) : []),
  ];
  return [
    `${account} on ${networkNames[network]}`,
    ...drawDays(days),
    ...lines.flatMap((line) => wrap(line, '  ')),
    ...(hours && one.hoursSaid?.isReal ? drawWeek(hours).map((line) => `    ${line}`) : []),
  ];
}

/** Nothing where links are not counted. */
export function tellClicked({ counts, otherClicks, network }: AccountStats): string[] {
  if (otherClicks === undefined) return [];
  const told = `Links: ${tellClicks({ people: counts.clicks ?? 0, ...otherClicks })}.`;
  return [told, ...(traitsOf(network).cardLeadsPast ? [`${cardLeadsPast}.`] : [])];
}

const tellLearned = ({ typical, hoursSaid, pace }: AccountStats, zone: string): string[] => [
  tellTypical(typical),
  ...(hoursSaid?.text.map((text) => `${text}.`) ?? []),
  ...tellPace(pace, zone),
];

/** Fewer bars say less than numbers. */
const fewestBars = 3;

function drawDays(days: AccountStats['days']): string[] {
  const scores = inGroups(days, 60).map((some) => {
    const known = some.flatMap(({ score }) => score ?? []);
    return known.length ? known.reduce((sum, one) => sum + one, 0) : undefined;
  });
  const highest = Math.max(...scores.map((one) => one ?? 0));
  if (scores.length < fewestBars || highest === 0) return [];
  return [`  score from ${days[0]?.date ?? ''}  ${drawBars(scores)}  the highest ${highest}`];
}

export function tellTypical(typical: AccountStats['typical']): string {
  if (!typical) return 'Typical post: too few posts to tell.';
  const { score, low, high, posts } = typical;
  const range = `80 % range ${near(low)} to ${near(high)}, from ${plural(posts, 'post')}`;
  return `Typical post: a score of ${near(score)} (${range}).`;
}

export const near = (value: number) =>
  value < 10 ? String(Math.round(value * 10) / 10) : String(Math.round(value));

export function tellBefore(
  { releases, measured, score, before }: AccountStats,
  span: string,
): string {
  if (!releases && !before.releases)
    return `Nothing was published in the last ${span}, nor in the ${span} before.`;
  const missing = releases - measured;
  const unknown = missing > 0 ? `; numbers of ${missing} not known yet` : '';
  const own = `${plural(releases, 'post')} published${unknown}; score ${score}`;
  if (!before.releases) return `${own}. Nothing was published in the ${span} before.`;
  const earlier = `score ${before.score} from ${plural(before.releases, 'post')}`;
  const compared = tellComparison(before.comparison);
  return `${own}. At the end of the ${span} before: ${earlier}. ${compared}`;
}

export function tellComparison(comparison: AccountStats['before']['comparison']): string {
  if (!comparison) return 'Too few posts to compare.';
  const [times, low, high] = [comparison.times, comparison.low, comparison.high].map((one) =>
    one.toFixed(2),
  );
  const range = `about ${times} times as much per post, 80 % range ${low} to ${high}`;
  return comparison.isReal ? `That is ${range}.` : `No real difference: ${range}.`;
}

function tellPace({ mode, rate, why, suggested, brake }: PaceRow, zone: string): string[] {
  const now = rate === undefined ? '' : ` ${near(rate)} a day:`;
  const held = brake
    ? [`! The brake is on until ${formatLocal(Date.parse(brake.until), zone)}: ${brake.why}.`]
    : [];
  const more =
    suggested === undefined
      ? []
      : [`Suggested: ${near(suggested)} a day, but perDay does not allow it.`];
  return [`Pace: ${mode},${now} ${why}.`, ...held, ...more];
}

function tellTouches({ campaigns, campaign }: Stats): string[] {
  if (!campaigns.length)
    return campaign === undefined
      ? []
      : [`Nothing of the campaign ${campaign} was published in the last 26 weeks.`];
  const estimated = (value: number, isEstimated: boolean) =>
    `${isEstimated ? '~' : ''}${near(value)}`;
  const table = toTable(
    ['campaign', 'account', 'touches', 'of', 'in 7 days', 'of'],
    campaigns.map((one) => [
      shorten(one.campaign, 30),
      shorten(one.account, 24),
      estimated(one.touches, one.isEstimated),
      String(one.towards),
      estimated(one.lastWeek, one.isEstimated),
      String(one.perWeek),
    ]),
  );
  const isAnyEstimated = campaigns.some(({ isEstimated }) => isEstimated);
  return [
    'Touches: how often the average follower has probably seen each campaign',
    table,
    ...(isAnyEstimated
      ? wrap(
          '~ estimated: without counts of views or followers, ' +
            'one follower in ten is assumed to see a post.',
          ' ',
        )
      : []),
    ...campaigns.flatMap(({ campaign: name, account, heldBecause }) =>
      heldBecause === undefined
        ? []
        : wrap(`! ${name} is on hold on ${account}: ${heldBecause}.`, ' '),
    ),
  ];
}

const mostRows = 10;

function tellFollowUps({ followUps: { fired, expired, none, rules } }: Stats): string[] {
  if (!fired && !expired && !none) return [];
  const decided = `${fired} queued, ${expired} expired before a slot was free`;
  return [
    `Follow-ups: ${decided}, ${plural(none, 'post')} without a matching rule`,
    ...rules.slice(0, mostRows).flatMap((row) => wrap(tellRule(row), ' ')),
    ...(rules.length > mostRows ? [` and ${rules.length - mostRows} more: see --json`] : []),
  ];
}

function tellRule({ post, rule, when, fired }: RuleRow): string {
  const condition = when === undefined ? '' : `: ${when}`;
  return `${fired} × ${post}, rule ${rule}${condition}`;
}

function tellPeople({ replies, deleted }: Stats, zone: string): string[] {
  return [...tellDeleted(deleted), ...tellReplies(replies, zone)];
}

function tellDeleted(deleted: Stats['deleted']): string[] {
  if (!deleted.length) return [];
  const first = deleted.slice(0, mostRows).map(({ delivery }) => delivery);
  const more = deleted.length > mostRows ? `, and ${deleted.length - mostRows} more` : '';
  return wrap(`Deleted on the networks: ${first.join(', ')}${more}`);
}

const mostReplies = 5;

function tellReplies(replies: Stats['replies'], zone: string): string[] {
  if (!replies.length) return [];
  const rows = replies
    .slice(-mostReplies)
    .map(({ at, text }) => ` ${formatLocal(Date.parse(at), zone)}  ${shorten(text, 78)}`);
  const latest = replies.length > mostReplies ? ', the latest' : '';
  return [`${plural(replies.length, 'reply', 'replies')}${latest}:`, ...rows];
}

function tellSpend({ account, month, usd, budgetUsd }: Stats['spend'][number]): string[] {
  const of = budgetUsd === undefined ? '' : ` of ${formatUsd(budgetUsd * 1e6)}`;
  return wrap(`${account}: spent ${formatUsd(usd * 1e6)}${of} in ${monthName(month)}`);
}
