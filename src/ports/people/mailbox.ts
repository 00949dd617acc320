/** How far a mailbox was read; of another validity it begins anew. */
export interface MailboxMark {
  validity: string;
  lastUid: number;
}

/** What came back, or was answered, about what we sent. */
export interface Report {
  /** The same for the same mail, however often it is read. */
  id: string;
  kind:
    | 'hard'
    | 'soft'
    | 'policy'
    | 'delayed'
    | 'complaint'
    | 'unsubscribed'
    | 'automatic'
    | 'reply';
  /** The dispatch whose token it proved to know. */
  dispatch?: string;
  /** Message-IDs that it may be about. */
  messageIds: string[];
  /** Who wrote it. */
  from?: string;
  words: string;
}

/** The mailbox that reports and answers come to. Nothing in it is changed. */
export interface Mailbox {
  /** Takes what is new, one after the other, and says how far it came. Throws where it cannot. */
  readNew(
    from: MailboxMark | undefined,
    { take, signal }: { take: (report: Report) => Promise<void>; signal: AbortSignal },
  ): Promise<MailboxMark>;
}
