import { type Delivery, overrulePin, withoutSlot } from '../core/delivery/delivery.ts';
import type { Instant } from '../core/time.ts';

/** Back in the queue, whatever it was; its history of attempts begins anew. */
export function requeued(one: Delivery): Delivery {
  const {
    retryAt: _retry,
    isRefused: _refused,
    byPerson: _person,
    startedAt: _started,
    lookAt: _look,
    repeats: _repeats,
    ...rest
  } = withoutSlot(one, 'queued');
  return { ...rest, attempts: 0, looks: 0 };
}

/** A person's later word goes over a date in the file. */
export function unpinned(one: Delivery): Delivery {
  const { pinnedAt: _pinned, ...rest } = one;
  return { ...rest, terms: overrulePin(rest.terms) };
}

/** An end that has passed would end it again. */
export function withoutPastEnd(one: Delivery, now: Instant): Delivery {
  const { expires, ...terms } = one.terms;
  return expires !== undefined && expires <= now ? { ...one, terms } : one;
}

/** A pin that has passed would be missed again. */
export function withoutPastPin(one: Delivery, now: Instant): Delivery {
  const { pinnedAt, ...rest } = one;
  const { pin } = one.terms;
  const isAhead = pin !== undefined && 'at' in pin && pin.at > now;
  return {
    ...rest,
    ...(pinnedAt !== undefined && pinnedAt > now ? { pinnedAt } : {}),
    terms: isAhead ? one.terms : overrulePin(one.terms),
  };
}

/** A thread that has begun goes on behind its last part, as soon as the service looks. */
export function continued(one: Delivery, now: Instant): Delivery {
  const { reason: _reason, retryAt: _retry, isRefused: _refused, repeats: _repeats, ...rest } = one;
  return { ...rest, state: 'releasing', attempts: 0, looks: 0, lookAt: now };
}

export function withoutSending(one: Delivery): Delivery {
  if (!one.intent) return one;
  const { sending: _sending, ...intent } = one.intent;
  return { ...one, intent };
}
