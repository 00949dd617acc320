import type { Delivery } from '../../core/delivery/delivery.ts';
import { type Counts, measures, type Sample, scoreOf } from '../../core/engagement.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { toCsv } from '../../core/text/to-csv.ts';
import { formatClock, type Instant, localDate, localMinutes, toIso } from '../../core/time.ts';
import { type Clicks, readClicks } from '../clicks/read-clicks.ts';
import type { CommandContext } from '../command.ts';

export interface RowsWanted {
  since: Instant;
  campaign?: string;
  account?: string;
}

/** One published post on one account, with its newest numbers. */
export interface StatsRow {
  at: Instant;
  delivery: Delivery;
  sample?: Sample;
  clicks?: Clicks;
}

/** Oldest first. */
export async function readRows(
  { store, settings }: Pick<CommandContext, 'store' | 'settings'>,
  { since, campaign, account }: RowsWanted,
): Promise<StatsRow[]> {
  const names = settings.accounts.map(({ name }) => name);
  const all = await Promise.all(
    names
      .filter((name) => account === undefined || name === account)
      .map(async (name) => {
        const [released, samples] = await Promise.all([
          store.listDeliveries({
            account: name,
            states: ['released'],
            startedSince: since,
            order: '-startedAt',
          }),
          store.listSamples({ account: name, releasedSince: since, isLatest: true }),
        ]);
        const newest = new Map(samples.map((one) => [one.delivery, one]));
        return released
          .filter(({ terms }) => campaign === undefined || terms.campaign === campaign)
          .map((delivery): StatsRow =>
            pickDefined({
              at: delivery.startedAt ?? since,
              delivery,
              sample: newest.get(delivery.id),
            }),
          );
      }),
  );
  const rows = all.flat().sort((a, b) => a.at - b.at || (a.delivery.id < b.delivery.id ? -1 : 1));
  const clicks = await readClicks(
    { store },
    rows.map(({ delivery }) => delivery.id),
  );
  return rows.map((row) => pickDefined({ ...row, clicks: clicks.get(row.delivery.id) }));
}

const heads = [
  'when',
  'post',
  'account',
  'network',
  'url',
  ...measures,
  'clicks unsure',
  'clicks by machines',
  'score',
  'campaign',
  'queue',
];

const countsOf = ({ sample, clicks }: StatsRow): Counts =>
  pickDefined({ ...sample?.counts, clicks: clicks?.people ?? sample?.counts.clicks });

/** The local time is in the form that spreadsheets take for one. */
export const rowsToCsv = (rows: readonly StatsRow[], zone: string): string =>
  toCsv([
    heads,
    ...rows.map(({ at, delivery, sample, clicks }) => [
      `${localDate(at, zone)} ${formatClock(localMinutes(at, zone))}`,
      delivery.post,
      delivery.account,
      delivery.network,
      delivery.receipts[0]?.url,
      ...measures.map((one) => countsOf(pickDefined({ at, delivery, sample, clicks }))[one]),
      clicks?.unsure,
      clicks?.machines,
      sample && scoreOf(sample.counts),
      delivery.terms.campaign,
      delivery.queue,
    ]),
  ]);

export const rowsToJson = (rows: readonly StatsRow[]) =>
  rows.map(({ at, delivery, sample, clicks }) =>
    pickDefined({
      at: toIso(at),
      post: delivery.post,
      account: delivery.account,
      network: delivery.network,
      url: delivery.receipts[0]?.url,
      ...countsOf(pickDefined({ at, delivery, sample, clicks })),
      clicksUnsure: clicks?.unsure,
      clicksByMachines: clicks?.machines,
      score: sample && scoreOf(sample.counts),
      campaign: delivery.terms.campaign,
      queue: delivery.queue,
    }),
  );
