import type { Delivery } from '../../core/delivery/delivery.ts';
import type { Sample } from '../../core/engagement.ts';
import { networkNames } from '../../core/network/network.ts';
import { formatLocal, toIso } from '../../core/time.ts';
import { findPostOf } from '../../flow/ingest/find-post.ts';
import type { StoredPost } from '../../ports/store.ts';
import type { CommandContext, Input, Reply } from '../command.ts';
import { findDeliveries } from '../find.ts';
import { previewOf, tellMessage } from './preview.ts';
import { toRow } from './rows.ts';
import { drawSeries, listSeries, tellNumbers, tellStanding, toSampleRow } from './series-view.ts';

/** One post: what each account says of it, what became of it, its numbers, and what follows. */
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

/** What `show` tells, for whoever draws it. */
export async function readPost(context: CommandContext, wanted: string | undefined) {
  const found = await findDeliveries(context, wanted);
  const id = found[0]?.post ?? '';
  const stored = await findPostOf(context.store, id);
  const series = stored ? await listSeries(context, id, stored.post.followUps) : [];
  const deliveries = await Promise.all(found.map((one) => lookAt(context, one, stored)));
  return {
    id,
    ...tellPost(stored),
    deliveries,
    ...(series.length ? { followUps: series } : {}),
    stored,
    found,
  };
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
  const standing = await tellStanding(context, one, stored?.post, samples);
  return {
    ...toRow(one),
    run: one.run,
    receipts: one.receipts.map((receipt) => ({
      id: receipt.id,
      url: receipt.url,
      at: toIso(receipt.at),
    })),
    samples: samples.map(toSampleRow),
    ...(one.goneAt === undefined ? {} : { goneAt: toIso(one.goneAt) }),
    ...(one.terms.followUp ? { follows: one.terms.followUp.of, as: one.terms.followUp.as } : {}),
    ...(standing.length ? { standing } : {}),
    ...(stored && one.intent && stored.hash !== one.intent.postHash ? { changedSince: true } : {}),
    ...(await previewOf(context, one, stored)),
    numbers: tellNumbers(samples, one),
  };
}

function tellDelivery(row: ShownDelivery, zone: string): string[] {
  const { delivery, network, state, at, reason, why, numbers } = row;
  const slot = at === undefined ? '' : ` ${formatLocal(Date.parse(at), zone)}`;
  return [
    `${delivery} on ${networkNames[network]}: ${state}${slot}${reason ? ` (${reason})` : ''}${why ? `: ${why}` : ''}`,
    ...('follows' in row ? [`    follows ${row.follows}, as: ${row.as}`] : []),
    ...tellMessage(row),
    ...row.receipts.map(({ url }) => `    ${url}`),
    ...numbers.map((line) => `    ${line}`),
    ...('standing' in row ? (row.standing ?? []).map((line) => `    follow-up: ${line}`) : []),
    ...('changedSince' in row
      ? ['    ! its file was changed after the release; that changes nothing out there']
      : []),
  ];
}
