import type { CommandContext } from '../commands/command.ts';
import type { Images } from '../ports/images.ts';
import type { NoticeChannel } from '../ports/notice-channel.ts';
import type { LeaseParts } from './lease.ts';

export interface ChatTiming {
  /** How long a question for news may stay open, in seconds. */
  pollFor: number;
  /** The first wait after trouble, in milliseconds; it doubles from there. */
  retryAfter: number;
}

/** What every chat is made of. */
export interface ChatParts extends LeaseParts {
  context: Omit<CommandContext, 'by' | 'command'>;
  images: Images;
  log: { info(text: string): void; warn(text: string): void };
  timing: ChatTiming;
}

/** A chat that listens; closing it waits for what is in hand, for a moment. */
export interface Surface extends AsyncDisposable {
  /** Where its operators read notices. */
  channels: NoticeChannel[];
}

export const defaultChatTiming: ChatTiming = { pollFor: 25, retryAfter: 1000 };
