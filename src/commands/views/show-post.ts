import type { Delivery } from '../../core/delivery/delivery.ts';
import type { Sample } from '../../core/engagement.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { networkNames } from '../../core/network/network.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { formatLocal, toIso } from '../../core/time.ts';
import { findPostOf } from '../../flow/ingest/find-post.ts';
import { describeUploads, type UploadsState } from '../../flow/uploads/describe-uploads.ts';
import type { StoredPost } from '../../ports/store.ts';
import { cardLeadsPast, readShownClicks, tellClicks } from '../clicks/read-clicks.ts';
import type { CommandContext, Input, Reply } from '../command.ts';
import { findDeliveries } from '../find.ts';
import { stateName } from '../publishing-words.ts';
import { previewOf, tellMessage } from './preview.ts';
import { toRow } from './rows.ts';
import { drawSeries, listSeries, tellNumbers, tellStanding, toSampleRow } from './series-view.ts';

/** One post: its text for each account, its state, its numbers and its follow-ups. */
export async function runShow(context: CommandContext, { args }: Input): Promise<Reply> {
  const { stored, found: _found, ...json } = await readPost(context, args[0]);
  const { id, deliveries, followUps = [] } = json;
  const title = stored?.post.title ? `: ${stored.post.title}` : '';
  const file = stored
    ? ` (${stored.post.file}${stored.goneAt === undefined ? '' : ', deleted'})`
    : '';
  const lines = [
    `${id}${title}${file}`,
    ...deliveries.flatMap((row) => ['', ...tellDelivery(row, context.settings.zone)]),
    ...(followUps.length ? ['', ...drawSeries(id, followUps)] : []),
  ];
  return {
    text: lines.join('\n'),
    json: { ...json, deliveries: deliveries.map(({ numbers: _numbers, ...row }) => row) },
  };
}

/** The data of `show`, also for the page of a post. */
export async function readPost(context: CommandContext, wanted: string | undefined) {
  const found = await findDeliveries(context, wanted);
  const id = found[0]?.post ?? '';
  const stored = await findPostOf(context.store, id);
  const series = stored ? await listSeries(context, id, stored.post.followUps) : [];
  const deliveries = await Promise.all(found.map((one) => lookAt(context, one, stored)));
  const followUps = series.length ? series : undefined;
  return { ...pickDefined({ id, ...tellPost(stored), deliveries, followUps }), stored, found };
}

export type ShownPost = Awaited<ReturnType<typeof readPost>>;
export type ShownDelivery = ShownPost['deliveries'][number];

function tellPost(stored: StoredPost | undefined) {
  if (!stored) return {};
  const { title, file, campaign, queue } = stored.post;
  return { title, file, campaign, queue, hash: stored.hash, gone: stored.goneAt !== undefined };
}

async function lookAt(context: CommandContext, one: Delivery, stored: StoredPost | undefined) {
  const samples: Sample[] = await context.store.listSamples({ delivery: one.id });
  const standing = await tellStanding(context, one, { post: stored?.post, samples });
  const { followUp } = one.terms;
  const isChanged = stored && one.intent && stored.hash !== one.intent.postHash;
  return pickDefined({
    ...toRow(one),
    run: one.run,
    receipts: one.receipts.map(({ id, url, at }) => ({ id, url, at: toIso(at) })),
    samples: samples.map(toSampleRow),
    goneAt: one.goneAt === undefined ? undefined : toIso(one.goneAt),
    follows: followUp?.of,
    as: followUp?.as,
    standing: standing.length ? standing : undefined,
    changedSince: isChanged ? (true as const) : undefined,
    ...(await previewOf(context, one, stored)),
    uploads: tellUploads(await describeUploads(context.store, one, context.clock.now())),
    clicks: await readShownClicks(context, one.id),
    numbers: tellNumbers(samples, one),
  });
}

/** With times as JSON has them. */
const tellUploads = (uploads: UploadsState | undefined) =>
  uploads &&
  pickDefined({
    ...uploads,
    nextAt: uploads.nextAt === undefined ? undefined : toIso(uploads.nextAt),
  });

function tellDelivery(row: ShownDelivery, zone: string): string[] {
  const { follows, as, receipts, numbers, standing = [], changedSince, uploads } = row;
  return [
    tellState(row, zone),
    ...(follows === undefined ? [] : [`    follow-up of ${follows}, as: ${as}`]),
    ...tellMessage(row),
    ...(uploads ? [`    video: ${uploads.text}`] : []),
    ...receipts.map(({ url }) => `    ${url}`),
    ...numbers.map((line) => `    ${line}`),
    ...tellOpened(row).map((line) => `    ${line}`),
    ...standing.map((line) => `    follow-up: ${line}`),
    ...(changedSince
      ? ['    ! The file was edited after publishing. The published post stays as it is.']
      : []),
  ];
}

/** Before it is out there is nobody who could have. */
export const tellOpened = ({ clicks, receipts, network }: ShownDelivery): string[] =>
  clicks === undefined || receipts.length === 0
    ? []
    : [
        `link: ${tellClicks(clicks)}`,
        ...(traitsOf(network).cardLeadsPast ? [`${cardLeadsPast}.`] : []),
      ];

function tellState({ delivery, network, state, at, reason, why }: ShownDelivery, zone: string) {
  const slot = at === undefined ? '' : ` ${formatLocal(Date.parse(at), zone)}`;
  const cause = reason ? ` (${reason})` : '';
  const because = why ? `: ${why}` : '';
  return `${delivery} on ${networkNames[network]}: ${stateName(state)}${slot}${cause}${because}`;
}
