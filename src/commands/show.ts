import type { Delivery } from '../core/delivery.ts';
import type { Sample } from '../core/engagement.ts';
import { networkNames } from '../core/network.ts';
import { formatLocal, toIso } from '../core/time.ts';
import { findPostOf } from '../flow/posts.ts';
import type { StoredPost } from '../ports/store.ts';
import type { CommandContext, Input, Reply } from './command.ts';
import { findDeliveries } from './find.ts';
import { previewOf, tellMessage } from './preview.ts';
import { toRow } from './rows.ts';
import { drawSeries, listSeries, tellNumbers, tellStanding, toSampleRow } from './series.ts';

/** One post: what each account says of it, what became of it, its numbers, and what follows. */
export async function runShow(context: CommandContext, { args }: Input): Promise<Reply> {
  const { store, settings } = context;
  const found = await findDeliveries(context, args[0]);
  const id = found[0]?.post ?? '';
  const stored = await findPostOf(store, id);
  const series = stored ? await listSeries(context, id, stored.post.followUps) : [];
  const shown = await Promise.all(found.map((one) => lookAt(context, one, stored)));
  const title = stored?.post.title ? `: ${stored.post.title}` : '';
  const file = stored ? ` (${stored.post.file}${stored.goneAt === undefined ? '' : ', deleted'})` : '';
  const lines = [
    `${id}${title}${file}`,
    ...shown.flatMap((one) => ['', ...tellDelivery(one, settings.zone)]),
    ...(series.length ? ['', ...drawSeries(id, series)] : []),
  ];
  const deliveries = shown.map(({ row }) => row);
  return { text: lines.join('\n'), json: { id, ...tellPost(stored), deliveries, ...(series.length ? { followUps: series } : {}) } };
}

function tellPost(stored: StoredPost | undefined) {
  if (!stored) return {};
  const { title, file, campaign, queue } = stored.post;
  return { title, file, campaign, queue, hash: stored.hash, gone: stored.goneAt !== undefined };
}

type Shown = Awaited<ReturnType<typeof lookAt>>;

async function lookAt(context: CommandContext, one: Delivery, stored: StoredPost | undefined) {
  const samples: Sample[] = await context.store.listSamples({ delivery: one.id });
  const standing = await tellStanding(context, one, stored?.post, samples);
  const row = {
    ...toRow(one),
    run: one.run,
    receipts: one.receipts.map((receipt) => ({ id: receipt.id, url: receipt.url, at: toIso(receipt.at) })),
    samples: samples.map(toSampleRow),
    ...(one.goneAt === undefined ? {} : { goneAt: toIso(one.goneAt) }),
    ...(one.terms.followUp ? { follows: one.terms.followUp.of, as: one.terms.followUp.as } : {}),
    ...(standing.length ? { standing } : {}),
    ...(stored && one.intent && stored.hash !== one.intent.postHash ? { changedSince: true } : {}),
    ...(await previewOf(context, one, stored)),
  };
  return { row, numbers: tellNumbers(samples, one) };
}

function tellDelivery({ row, numbers }: Shown, zone: string): string[] {
  const { delivery, network, state, at, reason, why } = row;
  const slot = at === undefined ? '' : ` ${formatLocal(Date.parse(at), zone)}`;
  return [
    `${delivery} on ${networkNames[network]}: ${state}${slot}${reason ? ` (${reason})` : ''}${why ? `: ${why}` : ''}`,
    ...('follows' in row ? [`    follows ${row.follows}, as: ${row.as}`] : []),
    ...tellMessage(row),
    ...row.receipts.map(({ url }) => `    ${url}`),
    ...numbers.map((line) => `    ${line}`),
    ...('standing' in row ? (row.standing ?? []).map((line) => `    follow-up: ${line}`) : []),
    ...('changedSince' in row ? ['    ! its file was changed after the release; that changes nothing out there'] : []),
  ];
}
