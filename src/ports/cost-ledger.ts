import type { XCharge } from '../core/network/x-prices.ts';

/**
 * Near the budget `measure` stops first, then `release`; `finish`, the end of a release that has
 * begun, never does.
 */
export type Purpose = 'measure' | 'release' | 'finish';

export interface Charge {
  of: XCharge;
  /** At most so many before the call, so many after it. */
  count: number;
  /** Reads: which posts or users, as far as that is known. Each is billed once a UTC day. */
  ids?: readonly string[];
}

export interface Reservation {
  /**
   * What the call really cost; nothing where it failed. Never throws: where the cost cannot be
   * corrected, the estimate stays.
   */
  settle(charges: readonly Charge[]): Promise<void>;
}

/** The cost of calls to a network that bills them, recorded before they are made. */
export interface CostLedger {
  /**
   * Durable when it resolves. Throws PublishError `wait` where the account's budget has no room for
   * it, or where it cannot be recorded.
   */
  reserve(account: string, purpose: Purpose, charges: readonly Charge[]): Promise<Reservation>;
}
