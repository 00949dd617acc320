import { compose } from '../core/compose.ts';
import { openStates } from '../core/delivery.ts';
import type { Identity } from '../core/network.ts';
import { formatDuration, minute } from '../core/time.ts';
import { type OwnPost, type Publisher, PublishError } from '../ports/publisher.ts';
import { type Context, makeDeliveryEntry, makeEntry } from './context.ts';
import { changeAccount, readAccount } from './facts.ts';
import { holdAccount } from './settle.ts';

/** Farther than this from the networks' clocks nothing is released. */
const maxSkew = minute;

/** Asks the network who the account is. Holds it where it is somebody else than before, or where the credential is no longer good. */
export async function checkAccount(context: Context, name: string, signal: AbortSignal): Promise<void> {
  const publisher = context.publishers.get(name);
  if (!publisher) return;
  let told: Identity & { skew?: number };
  try {
    told = await publisher.identify(signal);
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    if (error.kind === 'signed-out') await holdAccount(context, name, error.message);
    else await changeAccount(context.store, name, (fact) => ({ ...fact, lastError: error.message }));
    return;
  }
  holdForSkew(context, name, told.skew);
  const { skew: _skew, ...identity } = told;
  await recordIdentity(context, name, identity);
  await recordLimits(context, name, publisher, signal);
  const fact = await readAccount(context.store, name);
  if (fact.comparedAt === undefined && fact.heldBecause === undefined) await compareTimeline(context, name, publisher, signal);
}

/** The networks' clocks are the judges: a machine that is wrong holds, and goes on when it is right again. */
function holdForSkew({ hold, log }: Context, name: string, skew: number | undefined) {
  if (skew === undefined) return;
  if (Math.abs(skew) > maxSkew) {
    const because = `this machine's clock is ${formatDuration(Math.abs(skew))} ${skew > 0 ? 'behind' : 'ahead of'} the clock of ${name}'s network: nothing is released until they agree`;
    if (hold.because !== because) log.warn(because);
    hold.because = because;
  } else if (hold.because !== undefined) {
    log.info('the clock agrees with the networks again: going on');
    delete hold.because;
  }
}

async function recordIdentity(context: Context, name: string, identity: Identity) {
  const { store } = context;
  const before = await readAccount(store, name);
  if (before.identity && before.identity.id !== identity.id) {
    await changeAccount(store, name, (fact) => ({ ...fact, stranger: identity }));
    return holdAccount(context, name, `its credential now belongs to ${identity.handle} (${identity.id}), it was ${before.identity.handle} (${before.identity.id}) before: say \`accounts --confirm ${name}\` if that is meant`);
  }
  await changeAccount(store, name, (fact) => {
    const { heldBecause: _held, stranger: _stranger, lastError: _error, ...rest } = fact;
    return { ...rest, identity };
  });
  if (!before.identity) await store.appendJournal([makeEntry(context, 'identified', { account: name, url: identity.url, text: `${name} is ${identity.handle}` })]);
}

async function recordLimits({ store }: Context, name: string, publisher: Publisher, signal: AbortSignal) {
  try {
    const limits = await publisher.limits(signal);
    await changeAccount(store, name, (fact) => (JSON.stringify(fact.limits) === JSON.stringify(limits) ? undefined : { ...fact, limits }));
  } catch (error) {
    // They are asked for again before a release.
    if (!(error instanceof PublishError)) throw error;
  }
}

/** With an empty or restored store the timeline may know more than we do: what stands there already is not sent again. */
async function compareTimeline(context: Context, name: string, publisher: Publisher, signal: AbortSignal) {
  const { store, clock } = context;
  const open = await store.listDeliveries({ account: name, states: openStates });
  const released = await store.countDeliveries({ account: name, states: ['released'] });
  // Nothing to compare yet: at a first start the queue is read after the accounts were asked.
  if (!open.length && !released) return;
  if (!released) {
    try {
      await markStanding(context, name, publisher, await publisher.timeline(100, signal), signal);
    } catch (error) {
      if (error instanceof PublishError) return;
      throw error;
    }
  }
  await changeAccount(store, name, (fact) => ({ ...fact, comparedAt: clock.now() }));
}

async function markStanding(context: Context, name: string, publisher: Publisher, own: OwnPost[], signal: AbortSignal) {
  const { store, settings } = context;
  const account = settings.accounts.find((one) => one.name === name);
  if (!account || !own.length) return;
  const limits = await publisher.limits(signal);
  const standing = new Map(own.map((post) => [normalise(post.text), post]));
  for (const delivery of await store.listDeliveries({ account: name, states: openStates })) {
    const stored = await store.findPost(delivery.post);
    if (!stored) continue;
    const campaign = settings.campaigns[stored.post.campaign ?? ''];
    const { message } = compose({ post: stored.post, account, limits, run: delivery.run, campaign: campaign && { name: stored.post.campaign ?? '', utm: campaign.utm } });
    const found = standing.get(normalise(message.parts[0]?.text ?? ''));
    if (!found) continue;
    const { at: _at, why: _why, ...rest } = delivery;
    const isWhole = message.parts.length === 1;
    const text = isWhole ? `${delivery.id} stands on the account already: ${found.url}` : `the first part of ${delivery.id} stands on the account already: ${found.url}. Look there, then say \`settle\``;
    await store.changeDelivery(delivery, {
      ...rest, state: isWhole ? 'released' : 'uncertain', reason: text, startedAt: found.at, receipts: isWhole ? [{ id: found.id, url: found.url, at: found.at }] : [],
    }, [makeDeliveryEntry(context, isWhole ? 'reconciled' : 'uncertain', delivery, { url: found.url, text })]);
  }
}

const normalise = (text: string) => text.normalize('NFC').replaceAll(/\s+/g, ' ').trim();
