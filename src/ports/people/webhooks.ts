import type { Instant } from '../../core/time.ts';
import type { Report } from './mailbox.ts';

/** A request of a mail provider, as it came. */
export interface WebhookRequest {
  header(name: string): string | undefined;
  body: Buffer;
  at: Instant;
}

/**
 * `taken`: what it tells, which may be nothing. `once`: it proves who sent it, but not what it
 * says; the same proof is good for one time. `refused`: it does not prove to come from there.
 */
export type WebhookReading =
  | { is: 'taken'; reports: Report[]; once?: string }
  | { is: 'refused'; because: string };

/** Where a mail provider tells what became of our mails: `/h/NAME` of the public door. */
export interface Webhook {
  name: string;
  read(request: WebhookRequest): Promise<WebhookReading>;
}
