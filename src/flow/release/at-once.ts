import type { Delivery } from '../../core/delivery/delivery.ts';
import { claimed, intended } from '../../core/delivery/release-moves.ts';
import { Refusal } from '../../core/problem.ts';
import { PublishError } from '../../ports/publisher.ts';
import { type Context, makeDeliveryEntry } from '../context.ts';
import { composeText } from './compose-for.ts';
import { type Begun, nextRequest, type Route } from './send-parts.ts';
import { onClock } from '../../ports/clock.ts';

/** What a release needs beforehand where nobody has to be asked for it. */
export interface AtOnce {
  begun: Begun;
  payload: unknown;
}

/**
 * Composes the first part in memory. Undefined: it takes requests or pictures, or something is
 * wrong with it; then it is claimed first, so that no other worker does the same.
 */
export async function composeAtOnce(
  context: Context,
  next: Delivery,
  route: Route,
): Promise<AtOnce | undefined> {
  const { publisher, signal } = route;
  if (next.state !== 'planned') return undefined;
  try {
    const message = await composeText(context, next, await publisher.limits(signal));
    const { clock, timing, worker } = context;
    const now = clock.now();
    const claim = claimed(next, { by: worker, until: now + onClock(clock, timing.claimFor), now });
    const delivery = intended(claim, { at: now, message, postHash: next.terms.hash });
    const request = nextRequest(delivery);
    if (!request || !publisher.preparesAlone(request)) return undefined;
    const entries = [intentEntry(context, delivery)];
    return { begun: { delivery, entries }, payload: await publisher.prepare(request, signal) };
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof PublishError)) throw error;
    return undefined;
  }
}

export const intentEntry = (context: Context, ours: Delivery) =>
  makeDeliveryEntry(context, ours, { type: 'intent', text: `publishing ${ours.id}` });
