/** One mail to one person, frozen: its bytes are the same however often it is sent. */
export interface OutgoingMail {
  /** The address that the server is told to answer to; a bounce comes back to it. */
  envelopeFrom: string;
  /** Exactly one address. */
  to: string;
  /** With the angle brackets. */
  messageId: string;
  /** Headers and body, with CRLF. */
  bytes: Buffer;
  /** Comes back in a report of the server as the original envelope id. */
  envelopeId?: string;
}

/**
 * What became of it. `later` and `refused` were certainly not taken; `uncertain`: every byte was
 * handed over, and no answer came. About the mail alone, or about the sender: then everything
 * waits.
 */
export type MailOutcome =
  | { is: 'sent'; said: string; serverId?: string; url?: string }
  | { is: 'later' | 'refused'; about: 'mail' | 'sender'; said: string; code?: number }
  | { is: 'uncertain'; said: string };

export interface MailCall {
  signal: AbortSignal;
  /** Called right before the first byte of the mail is handed over; what it throws stops it. */
  mayOpen: () => void | Promise<void>;
}

/** A mail server, on one connection that is kept while there is something to send. Never throws. */
export interface Mailer extends AsyncDisposable {
  send(mail: OutgoingMail, call: MailCall): Promise<MailOutcome>;
  /** Logs in and out. Undefined: it works; else why not and what to do. */
  check(signal: AbortSignal): Promise<string | undefined>;
}
