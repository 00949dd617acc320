import { type Delivery, isOpen } from '../../core/delivery/delivery.ts';
import { networkNames } from '../../core/network/network.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { type Instant, minute } from '../../core/time.ts';
import type { Store } from '../../ports/store.ts';
import { aheadFor, isExpired, readUploads, type UploadsFact } from './uploads-fact.ts';

/** How far what moves in a delivery is on its way to the network. */
export interface UploadsState {
  /**
   * `ahead`: not begun. `sending`: being sent. `processing`: the network works on it. `ready`: the
   * network has it. `refused`: it never will.
   */
  is: 'ahead' | 'sending' | 'processing' | 'ready' | 'refused';
  text: string;
  /** What went wrong last; absent: nothing since something went well. */
  because?: string;
  /** So often in a row. */
  failures?: number;
  /** When it is gone on with. */
  nextAt?: Instant;
}

/** Undefined: nothing in it moves, or it is out. */
export async function describeUploads(
  store: Pick<Store, 'findFact'>,
  delivery: Delivery,
  now: Instant,
): Promise<UploadsState | undefined> {
  const { terms, state } = delivery;
  if (!terms.moves || (!isOpen(state) && state !== 'releasing')) return undefined;
  return describe(await readUploads(store, delivery.id), delivery, now);
}

export function describe(
  fact: UploadsFact,
  { network, terms, at }: Pick<Delivery, 'network' | 'terms' | 'at'>,
  now: Instant,
): UploadsState {
  const name = networkNames[network];
  const isCurrent = fact.of === terms.hash;
  const sent = isCurrent ? Object.values(fact.media).filter((one) => !isExpired(one, now)) : [];
  const { refused, because, failures, nextAt } = fact;
  if (isCurrent && refused !== undefined)
    return { is: 'refused', text: `${name} does not take its video: ${refused}`, because: refused };
  if (isCurrent && fact.isDone && sent.length === Object.keys(fact.media).length)
    return { is: 'ready', text: `${name} has its video` };
  const isSent = sent.length > 0;
  const more = isCurrent
    ? pickDefined({ because, nextAt, failures: failures > 0 ? failures : undefined })
    : {};
  const tail = more.because === undefined ? '' : `. The last try went wrong: ${more.because}`;
  if (isSent)
    return { is: 'processing', text: `${name} is still working on its video${tail}`, ...more };
  // Where its time has come, nothing else is waited for.
  if (isCurrent || (at !== undefined && at <= now))
    return { is: 'sending', text: `its video is being sent to ${name}${tail}`, ...more };
  return {
    is: 'ahead',
    text: `its video will be sent ${aheadFor / minute} minutes before its time`,
  };
}
