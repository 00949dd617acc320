import { chunks } from '../../core/chunks.ts';
import { composeFor } from './compose-for.ts';
import { readCounting } from '../links/counted-links.ts';
import { dropSame, openTextKey, takeStanding } from '../links/find-standing.ts';
import { compose } from '../../core/post/compose.ts';
import { type Delivery, openStates } from '../../core/delivery/delivery.ts';
import { foundBegun, foundStanding } from '../../core/delivery/release-moves.ts';
import type { Limits } from '../../core/network/limits.ts';
import type { Identity } from '../../core/network/network.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { type OwnPost, PublishError } from '../../ports/publisher.ts';
import type { StoredPost } from '../../ports/store.ts';
import { type Context, makeDeliveryEntry, makeEntry } from '../context.ts';
import { changeAccount, readAccount, readFact } from '../facts.ts';
import { restoredFact } from '../moving/moved.ts';
import type { Route } from './send-parts.ts';
import { queueNextRun } from '../plan/evergreen.ts';
import { findPostsOf } from '../ingest/find-post.ts';
import { tellEnd, withoutTrouble, withTrouble } from './account-trouble.ts';
import { holdAccount } from './back-off.ts';
import { judgeNetworkClocks, noteClock } from './network-clocks.ts';
import { ownTurn } from '../../ports/own-turn.ts';

/**
 * A look at an account that is well is worth less than the posts themselves: where the budget has
 * no room for it beside them, it is left out.
 */
export async function lookAtAccount(
  context: Context,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const { identity, heldBecause, lastError, failures } = await readAccount(context.store, name);
  const isWell =
    identity !== undefined && heldBecause === undefined && lastError === undefined && !failures;
  await checkAccount(context, name, { signal, isRoutine: isWell });
}

/**
 * Asks the network who the account is, and holds it where it is another identity than before, or
 * where the credential is no longer good. True: it is well.
 */
async function checkAccount(
  context: Context,
  name: string,
  { signal, isRoutine }: { signal: AbortSignal; isRoutine: boolean },
): Promise<boolean> {
  const publisher = context.publishers.get(name);
  if (!publisher) return false;
  return guarded(context, name, async () => {
    const seen = await publisher.identify(signal, { isRoutine }).catch((error: unknown) => {
      if (isRoutine && error instanceof PublishError && error.isOverBudget) return undefined;
      throw error;
    });
    if (!seen) return true;
    const { skew, ...identity } = seen;
    noteClock(context, name, pickDefined({ ...identity, skew }));
    if (!(await recordIdentity(context, name, identity))) return false;
    await recordLimits(context, name, { publisher, signal });
    return true;
  });
}

/**
 * Before the first release of this process: checks the account, and compares its timeline with the
 * queue.
 */
export async function meetAccount(
  context: Context,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const publisher = context.publishers.get(name);
  if (!publisher || !(await checkAccount(context, name, { signal, isRoutine: false }))) return;
  await judgeNetworkClocks(context);
  const isCompared = await guarded(context, name, async () => {
    await compareTimeline(context, name, { publisher, signal });
    return true;
  });
  if (isCompared) context.met.add(name);
}

/** What a network may say is written down; false. */
async function guarded(
  context: Context,
  name: string,
  work: () => Promise<boolean>,
): Promise<boolean> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    if (error.kind === 'signed-out') await holdAccount(context, name, { because: error.message });
    else
      await changeAccount(context.store, name, (fact) =>
        withTrouble({ ...fact, lastError: error.message }, context, fact),
      );
    return false;
  }
}

/** False: it is not who it was. */
async function recordIdentity(
  context: Context,
  name: string,
  identity: Identity,
): Promise<boolean> {
  const { store } = context;
  const before = await readAccount(store, name);
  if (before.identity && before.identity.id !== identity.id) {
    await changeAccount(store, name, (fact) => ({ ...fact, stranger: identity }));
    const [now, then] = [identity, before.identity].map(({ handle, id }) => `${handle} (${id})`);
    const todo = `say \`confirm ${name}\` if that is meant`;
    await holdAccount(context, name, {
      because: `its credential belongs to ${now} now, before to ${then}: ${todo}`,
    });
    return false;
  }
  await changeAccount(store, name, (fact) => {
    const { heldBecause, stranger: _stranger, lastError: _error, ...rest } = fact;
    // Only the clocks lift what they have held.
    const held = fact.isClockWrong ? heldBecause : undefined;
    // While something could not be sent, only what is sent shows that the trouble is over.
    const kept = fact.failures > 0 ? rest : withoutTrouble(rest);
    return pickDefined({ ...kept, heldBecause: held, identity });
  });
  if (before.failures === 0) await tellEnd(context, name, before);
  if (!before.identity)
    await store.appendJournal([
      makeEntry(context, 'identified', {
        account: name,
        url: identity.url,
        text: `${name} is ${identity.handle}`,
      }),
    ]);
  return true;
}

async function recordLimits({ store }: Context, name: string, { publisher, signal }: Route) {
  const limits = await publisher.limits(signal);
  await changeAccount(store, name, (fact) =>
    JSON.stringify(fact.limits) === JSON.stringify(limits) ? undefined : { ...fact, limits },
  );
}

/**
 * How much of a timeline is read where releases are known already; each post read costs money on X.
 */
const recentPosts = 20;
const manyPosts = 100;

/**
 * An empty or restored store knows less than the account's timeline: what stands there already is
 * not sent again.
 */
async function compareTimeline(context: Context, name: string, route: Route) {
  const { store } = context;
  const { publisher, signal } = route;
  const open = { account: name, states: openStates };
  if ((await store.countDeliveries({ ...open, limit: 1 })) === 0) return;
  const released = await store.listDeliveries({
    account: name,
    states: ['released', 'releasing', 'uncertain', 'failed'],
    order: '-startedAt',
    limit: 500,
  });
  const known = new Set(released.flatMap(({ receipts }) => receipts.map(({ id }) => id)));
  // A restored store does not know what was published after its export; each post costs money on X.
  const restoredAt = (await readFact(store, restoredFact))?.at ?? -Infinity;
  const isFresh = (released[0]?.startedAt ?? -Infinity) <= restoredAt;
  const timeline = await publisher.timeline({ limit: isFresh ? manyPosts : recentPosts }, signal);
  const keyOf = openTextKey(context.settings);
  const strange = Map.groupBy(
    timeline.filter(({ id, inReplyTo }) => !known.has(id) && inReplyTo === undefined),
    ({ text }) => keyOf(text),
  );
  // Somebody may be between request and receipt: what it sent is not strange.
  for (const { intent } of released)
    for (const { text } of intent?.message.parts ?? []) dropSame(strange, keyOf(text), text);
  if (!strange.size) return;
  const limits = await publisher.limits(signal);
  for (const some of chunks(await store.listDeliveries(open), 200)) {
    const found = await findPostsOf(store, [...new Set(some.map(({ post }) => post))]);
    const posts = new Map(found.map((one) => [one.id, one]));
    for (const delivery of some)
      await markStanding(context, delivery, { route, limits, strange, posts });
    // A long queue holds up no page.
    await ownTurn();
  }
}

interface Timeline {
  route: Route;
  limits: Limits;
  /** Posts that no receipt knows, by their text, newest first. Each is taken once. */
  strange: ReadonlyMap<string, OwnPost[]>;
  /** By id, follow-ups included. */
  posts: ReadonlyMap<string, StoredPost>;
}

async function markStanding(
  context: Context,
  delivery: Delivery,
  { route, limits, strange, posts }: Timeline,
): Promise<void> {
  const { settings } = context;
  const stored = posts.get(delivery.post);
  const account = settings.accounts.find((one) => one.name === delivery.account);
  if (!stored || !account) return;
  const { run } = delivery;
  const { campaigns, mentions } = settings;
  const links = await readCounting(context);
  const input = { post: stored.post, account, limits, run, campaigns, mentions };
  const { message } = compose({ ...input, links });
  const plain = links ? compose(input).message : message;
  const found = await takeStanding(context, delivery, { strange, messages: [message, plain] });
  if (!found) return;
  if (message.parts.length === 1) await keepStanding(context, delivery, found);
  else await keepBegun(context, delivery, { found, route });
}

async function keepStanding(
  context: Context,
  delivery: Delivery,
  { id, url, at }: OwnPost,
): Promise<void> {
  const { store, clock } = context;
  const text = `${delivery.id} is on the account already: ${url}`;
  const after = foundStanding(delivery, {
    receipt: { id, url, at },
    reason: text,
    now: clock.now(),
  });
  const kept = await store.changeDelivery(delivery, after, [
    makeDeliveryEntry(context, delivery, { type: 'reconciled', url, text }),
  ]);
  if (kept) await queueNextRun(context, kept);
}

/** The rest of a thread is composed now, so that `settle` can continue it. */
async function keepBegun(
  context: Context,
  delivery: Delivery,
  { found, route }: { found: OwnPost; route: Route },
): Promise<void> {
  const { url, at } = found;
  const where = `is on the account already: ${url}`;
  const text = `the first part of ${delivery.id} ${where}. Look there, then say \`settle\``;
  const message = await composeFor(context, delivery, route);
  const intent = { at, message, postHash: delivery.terms.hash };
  await context.store.changeDelivery(delivery, foundBegun(delivery, { at, reason: text, intent }), [
    makeDeliveryEntry(context, delivery, { type: 'uncertain', url, text }),
  ]);
}
