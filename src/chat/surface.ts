import type { Agent } from 'node:http';
import type { CommandContext } from '../commands/command.ts';
import type { Images } from '../ports/images.ts';
import type { NoticeChannel } from '../ports/notice-channel.ts';
import type { LeaseParts } from './lease.ts';

export interface ChatTiming {
  /** How long a long poll may take, in seconds. */
  pollFor: number;
  /** The first delay after an error, in milliseconds. It doubles each time. */
  retryAfter: number;
}

/** What every chat needs. */
export interface ChatParts extends LeaseParts {
  /** Through which a library without proxies of its own makes its calls; absent: directly. */
  agentFor?: ((api: URL) => Agent | undefined) | undefined;
  context: Omit<CommandContext, 'by' | 'command'>;
  images: Images;
  log: { info(text: string): void; warn(text: string): void };
  timing: ChatTiming;
}

/** A chat that listens. Closing it waits a moment for messages in progress. */
export interface Surface extends AsyncDisposable {
  /** Where operators read notices. */
  channels: NoticeChannel[];
}

export const defaultChatTiming: ChatTiming = { pollFor: 25, retryAfter: 1000 };
