import type { GuardedGet } from '../io/guarded-get.ts';
import type { Clock } from '../ports/clock.ts';
import type { CostLedger } from '../ports/cost-ledger.ts';

/**
 * Makes the picture of a link card fit into so many bytes. Undefined: it is not a still picture.
 */
export type Shrink = (
  bytes: Buffer,
  maxBytes: number,
) => Promise<{ data: Buffer; mime: string; width: number; height: number } | undefined>;

export interface PublisherOptions {
  clock: Clock;
  /** Sessions are kept in `sessions/` below it. */
  dataFolder: string;
  /** Reads the pages of link cards. */
  guardedGet?: GuardedGet;
  /** Without it link cards have no picture. */
  shrink?: Shrink;
  /** Where a network that bills its calls has them written down; without it they are not. */
  ledger?: CostLedger;
  /** For one request, in milliseconds. Default 30 s. */
  timeoutFor?: number;
}

export type Deps = Required<Omit<PublisherOptions, 'shrink' | 'ledger'>> &
  Pick<PublisherOptions, 'shrink' | 'ledger'>;
