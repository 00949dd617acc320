import { measures } from '../../core/engagement.ts';
import { networkNames } from '../../core/network/network.ts';
import { formatUsd } from '../../core/network/x-prices.ts';
import { formatDuration, formatLocal } from '../../core/time.ts';
import { drawBars, drawWeek, inGroups, wrap } from './stats-chart.ts';
import type { PaceRow } from './stats-pace.ts';
import type { AccountStats, Stats } from './stats-read.ts';
import { shorten, toTable } from '../table.ts';

/** At most a hundred columns wide. */
export function tellStats(stats: Stats, zone: string): string {
  const { accounts, campaign } = stats;
  if (!accounts.length) return 'No accounts are configured: npx dripline init';
  const head = `Since ${formatLocal(Date.parse(stats.since), zone)} (${formatDuration(spanOf(stats))})${campaign === undefined ? '' : `, the campaign ${campaign} alone`}:`;
  const sections = [
    [...wrap(head), '', tellTotals(accounts)],
    ...accounts.map((one) => tellAccount(one, formatDuration(spanOf(stats)), zone)),
    tellTouches(stats),
    tellFollowUps(stats),
    tellPeople(stats, zone),
    stats.spend.flatMap(tellSpend),
  ];
  return sections
    .filter((lines) => lines.length)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

const spanOf = ({ since, until }: Stats) => Date.parse(until) - Date.parse(since);

function tellTotals(accounts: AccountStats[]): string {
  return toTable(
    ['account', 'network', 'releases', ...measures, 'score'],
    accounts.map(({ account, network, releases, measured, counts, score }) => [
      shorten(account, 24),
      networkNames[network],
      String(releases),
      ...measures.map((one) => (counts[one] === undefined ? '–' : String(counts[one]))),
      measured ? String(score) : '–',
    ]),
  );
}

function tellAccount(one: AccountStats, span: string, zone: string): string[] {
  const { account, network, days, hours, hoursSaid, typical } = one;
  const lines = [
    tellBefore(one, span),
    tellTypical(typical),
    ...(hoursSaid?.text.map((text) => `${text}.`) ?? []),
    ...tellPace(one.pace, zone),
  ];
  return [
    `${account} on ${networkNames[network]}`,
    ...drawDays(days),
    ...lines.flatMap((line) => wrap(line, '  ')),
    ...(hours && hoursSaid?.isReal ? drawWeek(hours).map((line) => `    ${line}`) : []),
  ];
}

/** Fewer are read sooner as numbers. */
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

export const tellTypical = (typical: AccountStats['typical']): string =>
  typical
    ? `A typical post comes to a score of ${near(typical.score)} (80 % range ${near(typical.low)} to ${near(typical.high)}, from ${typical.posts} posts).`
    : 'A typical post: too few posts to tell.';

export const near = (value: number) =>
  value < 10 ? String(Math.round(value * 10) / 10) : String(Math.round(value));

export function tellBefore(
  { releases, measured, score, before }: AccountStats,
  span: string,
): string {
  if (!releases && !before.releases)
    return `Nothing was released in these ${span}, nor in those before.`;
  const unknown =
    releases > measured ? `, the numbers of ${releases - measured} not known yet` : '';
  const own = `${plural(releases, 'release')}${unknown}; score ${score}`;
  if (!before.releases) return `${own}. Nothing was released in the ${span} before.`;
  const said = `${own}, after ${before.score} from ${plural(before.releases, 'release')} in the ${span} before, as they stood then`;
  const { comparison } = before;
  if (!comparison) return `${said}. Too few posts to compare.`;
  const range = `about ${comparison.times.toFixed(2)} times as much by the post, 80 % range ${comparison.low.toFixed(2)} to ${comparison.high.toFixed(2)}`;
  return `${said}. ${comparison.isReal ? `That is ${range}.` : `No real difference: ${range}.`}`;
}

function tellPace({ mode, rate, why, suggested, brake }: PaceRow, zone: string): string[] {
  const now = rate === undefined ? '' : ` ${near(rate)} a day`;
  const held = brake
    ? [`! The brake is on until ${formatLocal(Date.parse(brake.until), zone)}: ${brake.why}.`]
    : [];
  const more =
    suggested === undefined
      ? []
      : [`Worth a try: ${near(suggested)} a day, which perDay does not allow.`];
  return [`Pace: ${mode},${now}${now ? ':' : ''} ${why}.`, ...held, ...more];
}

function tellTouches({ campaigns, campaign }: Stats): string[] {
  if (!campaigns.length)
    return campaign === undefined
      ? []
      : [`Nothing of the campaign ${campaign} was released in the last 26 weeks.`];
  const reckoned = (value: number, isEstimated: boolean) =>
    `${isEstimated ? '~' : ''}${near(value)}`;
  const table = toTable(
    ['campaign', 'account', 'touches', 'of', 'in 7 days', 'of'],
    campaigns.map((one) => [
      shorten(one.campaign, 30),
      shorten(one.account, 24),
      reckoned(one.touches, one.isEstimated),
      String(one.towards),
      reckoned(one.lastWeek, one.isEstimated),
      String(one.perWeek),
    ]),
  );
  const isReckoned = campaigns.some(({ isEstimated }) => isEstimated);
  return [
    'Touches: how often the average follower has probably seen each campaign',
    table,
    ...(isReckoned
      ? wrap(
          '~ reckoned: where nobody counts views or followers, one follower in ten is taken to see a post.',
          ' ',
        )
      : []),
    ...campaigns.flatMap(({ campaign: name, account, heldBecause }) =>
      heldBecause === undefined ? [] : wrap(`! ${name} rests on ${account}: ${heldBecause}.`, ' '),
    ),
  ];
}

const mostRows = 10;

function tellFollowUps({ followUps: { fired, expired, none, rules } }: Stats): string[] {
  if (!fired && !expired && !none) return [];
  const rows = rules
    .slice(0, mostRows)
    .map(
      ({ post, rule, when, fired: count }) =>
        ` ${count} × ${post}, rule ${rule}${when === undefined ? '' : `: ${when}`}`,
    );
  return [
    `Follow-ups: ${fired} sent off, ${expired} expired without room, ${plural(none, 'post')} of which no rule held`,
    ...rows.flatMap((row) => wrap(row.trim(), ' ')),
    ...(rules.length > mostRows ? [` and ${rules.length - mostRows} more: see --json`] : []),
  ];
}

function tellPeople({ replies, deleted }: Stats, zone: string): string[] {
  const gone = deleted.length
    ? wrap(
        `Deleted on the networks: ${deleted
          .slice(0, mostRows)
          .map(({ delivery }) => delivery)
          .join(
            ', ',
          )}${deleted.length > mostRows ? `, and ${deleted.length - mostRows} more` : ''}`,
      )
    : [];
  if (!replies.length) return gone;
  const rows = replies
    .slice(-5)
    .map(({ at, text }) => ` ${formatLocal(Date.parse(at), zone)}  ${shorten(text, 78)}`);
  return [
    ...gone,
    `${plural(replies.length, 'reply of a person', 'replies of people')}${replies.length > rows.length ? ', the latest' : ''}:`,
    ...rows,
  ];
}

const plural = (count: number, one: string, many = `${one}s`) =>
  `${count} ${count === 1 ? one : many}`;

function tellSpend({ account, month, usd, budgetUsd }: Stats['spend'][number]): string[] {
  return wrap(
    `X costs of ${account} in ${month}: ${formatUsd(usd * 1e6)}${budgetUsd === undefined ? '' : ` of ${formatUsd(budgetUsd * 1e6)}`}`,
  );
}
