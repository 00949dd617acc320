import type { XCharge } from '../core/network/x-prices.ts';

/**
 * At the budget `measure` stops first and `release` after it; `finish`, the end of what was begun,
 * never does.
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
   * What the call really came to; nothing where it failed. Never throws: what cannot be corrected
   * stays as it was estimated.
   */
  settle(charges: readonly Charge[]): Promise<void>;
}

/** What calls to a network that bills them cost, written down before they are made. */
export interface CostLedger {
  /**
   * Durable when it resolves. Throws PublishError `wait` where the account's budget has no room for
   * it, or where it cannot be written down.
   */
  reserve(account: string, purpose: Purpose, charges: readonly Charge[]): Promise<Reservation>;
}
