import { randomBytes } from 'node:crypto';
import type { Network } from '../../core/network/network.ts';
import { type Instant, minute } from '../../core/time.ts';
import { type Clock, onClock } from '../../ports/clock.ts';
import type { CheckedLogin } from '../../ports/connecting/connecting.ts';
import type { Consent, Grant } from '../../ports/connecting/connector.ts';

/** A connection that was begun, and who began it. */
export interface Pending {
  /** Also the state that the network brings back. */
  id: string;
  /** Of the visitor. */
  key: string;
  network: Network;
  /** It gets new credentials; absent: it is a new account. */
  account: string | undefined;
  until: Instant;
  consent?: Consent;
  /** The answer was taken: it is taken once. */
  isAnswered?: boolean;
  granted?: { grant: Grant; login: CheckedLogin };
  /** What went wrong last, in a sentence. */
  trouble?: string | undefined;
}

export interface Pendings {
  begin(visitor: string, about: Pick<Pending, 'network' | 'account'>): Pending;
  /** Undefined: there is none, it has expired, or another visitor began it. */
  find(id: string, visitor: string): Pending | undefined;
  end(id: string): void;
}

/** Of the person's time, however fast the sandbox's clock runs. */
const lastsFor = 15 * minute;
const most = 100;

/** In memory: credentials that nobody has saved are gone with the process. */
export function openPendings(clock: Clock): Pendings {
  const all = new Map<string, Pending>();
  const tidy = () => {
    for (const [id, { until }] of all) if (until < clock.now()) all.delete(id);
    while (all.size > most) all.delete(all.keys().next().value ?? '');
  };
  return {
    begin(key, about) {
      const id = randomBytes(24).toString('base64url');
      const pending = { ...about, id, key, until: clock.now() + onClock(clock, lastsFor) };
      all.set(id, pending);
      tidy();
      return pending;
    },
    find(id, visitor) {
      tidy();
      const found = all.get(id);
      return found?.key === visitor ? found : undefined;
    },
    end: (id) => void all.delete(id),
  };
}
