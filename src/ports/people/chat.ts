import type { Receipt } from '../../core/post/message.ts';
import type { Instant } from '../../core/time.ts';
import type { PersonReply } from './person-reply.ts';

export interface ChatText {
  /** The network's id of the person. */
  person: string;
  text: string;
}

/** Messages between two, which a network keeps apart from posts. Throws PublishError. */
export interface Chat {
  /** Whether the person takes messages from us, and our credential may write them. */
  reaches(person: string, signal: AbortSignal): Promise<boolean>;
  /** `mayOpen` is asked right before. A repeat is another message. */
  send(message: ChatText, options: { signal: AbortSignal; mayOpen: () => void }): Promise<Receipt>;
  /** One of ours with this very text, sent since then. */
  lookUp(
    message: ChatText,
    options: { since: Instant; isTaken: (id: string) => Promise<boolean>; signal: AbortSignal },
  ): Promise<Receipt | undefined>;
  /** What others wrote since an instant, oldest first; nothing where we may not read it. */
  replies(since: Instant, signal: AbortSignal): Promise<PersonReply[]>;
}
