import type { Delivery } from '../../core/delivery/delivery.ts';
import { continued, rewritten } from '../../core/delivery/release-moves.ts';
import { pauseOf } from '../../core/pause-state.ts';
import { Refusal } from '../../core/problem.ts';
import { PublishError } from '../../ports/publisher.ts';
import type { StoredPost } from '../../ports/store.ts';
import { type Context, makeDeliveryEntry } from '../context.ts';
import { readAccount, readPause } from '../facts.ts';
import { findPostsOf } from '../ingest/find-post.ts';
import { accountsFor } from '../ingest/ingest.ts';
import { holdAccount } from './back-off.ts';
import { composeFor } from './compose-for.ts';
import { finish, type Route } from './send-parts.ts';
import { settleDeferred, settleFailed, settleShort } from './settle-release.ts';

/**
 * A thread whose later part was refused says what its file says now; parts that are out stay.
 * Undefined: nothing is left to be sent just now.
 */
export async function rewriteRest(
  context: Context,
  ours: Delivery,
  route: Route,
): Promise<Delivery | undefined> {
  if (!ours.intent?.isReopened) return ours;
  const [stored] = await findPostsOf(context.store, [ours.post]);
  const postHash = stored?.hash ?? ours.intent.postHash;
  try {
    // What is no longer in the store goes on as it was frozen.
    const message = stored ? await composeFor(context, ours, route) : ours.intent.message;
    const after = rewritten(ours, { message, postHash });
    const kept = await context.store.changeDelivery(ours, after);
    if (!kept?.intent || kept.receipts.length < kept.intent.message.parts.length) return kept;
    const whole = await settleShort(context, kept);
    if (whole) await finish(context, whole);
    return undefined;
  } catch (error) {
    await settleUncomposed(context, ours, error);
    return undefined;
  }
}

async function settleUncomposed(context: Context, ours: Delivery, error: unknown): Promise<void> {
  const isRefused = error instanceof PublishError && error.isRelationRefused;
  if (error instanceof Refusal || isRefused) {
    await settleFailed(context, ours, { reason: error.message, isRefused: true });
    return;
  }
  if (!(error instanceof PublishError)) throw error;
  if (error.kind === 'signed-out')
    await holdAccount(context, ours.account, { because: error.message });
  await settleDeferred(context, ours, error);
}

/**
 * Threads whose refused part was corrected in their file go on by themselves, where anything may be
 * published. Each correction is tried once.
 */
export async function continueCorrected(context: Context): Promise<void> {
  const { store, clock, settings } = context;
  const broken = (await store.listDeliveries({ states: ['failed'] })).filter(
    ({ receipts, isRefused, intent }) => receipts.length > 0 && isRefused && intent,
  );
  if (broken.length === 0) return;
  const posts = await findPostsOf(store, [...new Set(broken.map(({ post }) => post))]);
  const pauses = await readPause(store);
  for (const one of broken) {
    const stored = posts.find(({ id }) => id === one.post);
    if (!stored || !isCorrected(one, stored) || one.terms.approval) continue;
    const isWanted = accountsFor(stored.post, settings).some(({ name }) => name === one.account);
    const { heldBecause } = await readAccount(store, one.account);
    const isPaused = pauseOf(pauses, one.account, clock.now()) !== undefined;
    if (!isWanted || isPaused || heldBecause !== undefined) continue;
    const after = continued(one, clock.now());
    const text = `${one.id} continues its thread with what its corrected file says`;
    await store.changeDelivery(one, markTried(after, stored.hash), [
      makeDeliveryEntry(context, one, { type: 'reconciled', text }),
    ]);
  }
}

const isCorrected = ({ intent }: Delivery, { hash, goneAt, post }: StoredPost) =>
  goneAt === undefined && !post.draft && intent?.postHash !== hash;

const markTried = <T extends Delivery>(after: T, postHash: string): T =>
  after.intent ? { ...after, intent: { ...after.intent, postHash } } : after;
