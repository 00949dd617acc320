import type { PeopleSettings } from '../core/people/people-settings.ts';
import type { BatchTime } from '../core/people/letters/letter-batch.ts';
import type { BatchFiles } from '../ports/people/letters.ts';
import type { SequenceSource } from '../ports/people/sequences.ts';
import type { MediaRef } from '../core/post/post.ts';
import { type Problem, Refusal } from '../core/problem.ts';
import type { Settings } from '../core/settings.ts';
import type { Clock } from '../ports/clock.ts';
import type { Connecting } from '../ports/connecting/connecting.ts';
import type { PostFiles } from '../ports/post-files.ts';
import type { Store } from '../ports/store.ts';

/**
 * What a verb may use. It reads and writes the store; whatever has to happen on a network, the
 * service does.
 */
export interface CommandContext {
  store: Store;
  clock: Clock;
  settings: Settings;
  /** Who gives the command: `cli`, `telegram:123456`, `web`, `agent:claude`. */
  by: string;
  /**
   * The idempotency key of a command that may arrive twice; absent: a new ID each time.
   */
  command?: string;
  version: string;
  /** The data folder and the bytes in it; absent where there is none. */
  dataSize?: (() => Promise<DataSize>) | undefined;
  /** Opens the posts folder, to write in it; absent: not from here. */
  openFiles?: (() => Promise<PostFiles>) | undefined;
  /** How long what moves runs, in milliseconds; absent where no file can be read. */
  lengthOf?:
    | ((medium: Pick<MediaRef, 'file' | 'moves'>) => Promise<number | undefined>)
    | undefined;
  /** What sequences for people need; absent: there are none here. */
  openPeople?: (() => Promise<PeopleHands>) | undefined;
  /** Connects accounts; absent: not from here. */
  openConnecting?: (() => Promise<Connecting>) | undefined;
  /** The configuration as it is now; absent where that cannot be known. */
  configNow?: (() => ConfigNow) | undefined;
  /**
   * Whether a service holds the store, if that can be known at once. Without it, heartbeats count.
   */
  isServing?: (() => Promise<boolean>) | undefined;
}

export interface PeopleHands {
  settings: PeopleSettings;
  sequences: SequenceSource;
  /** Absent: no letters are configured. */
  letters?: (BatchFiles & { time: BatchTime }) | undefined;
  /** Of the key of an address, for the list of stops. */
  hashOf(addressKey: string): string;
}

export interface DataSize {
  folder: string;
  bytes: number;
}

export interface ConfigNow {
  /** What tells its content from another. */
  mark: string;
  /** Why a service could not start with it; empty: it could. */
  faults: readonly Problem[];
}

/**
 * Wrong arguments or options. The command line exits with 2 for it, and with 1 for other refusals.
 */
export class WrongUsage extends Refusal {}

export interface Input {
  /** In the order of `args`; the last may be several words. */
  args: string[];
  options: Record<string, string | boolean | undefined>;
  /** Of a verb that takes a text: all that was written after it, in its lines. */
  text?: string;
  /** Came with the message. */
  pictures?: readonly SentPicture[];
  /** Several messages that a chat shows as one have the same. */
  album?: string;
}

export interface SentPicture {
  name: string;
  alt?: string;
  /** Throws a Refusal where the picture cannot be had. */
  load(): Promise<Uint8Array>;
}

export interface Reply {
  /** For people: lines of plain text. */
  text: string;
  /** For other tools. */
  json: unknown;
  /** The command ran, but its outcome is a failure: the command line exits with 1. */
  hasFailed?: boolean;
}

export interface Option {
  /** `--days` */
  name: string;
  /** `<n>`; absent: a flag. */
  value?: string;
  help: string;
}

/**
 * One verb: named, explained and checked once, served by every surface. Throws a Refusal if it
 * cannot be done.
 */
export interface Command {
  name: string;
  /** As in usage lines: `<id>`, `[when...]`. */
  args?: string;
  help: string;
  /** One or two invocations. */
  examples?: string[];
  options?: Option[];
  /** In chats, what follows it is one text. */
  takesText?: true;
  /** Asked before it is done; surfaces that cannot ask want a `--yes`. */
  confirm?: (input: Input) => string;
  run(context: CommandContext, input: Input): Promise<Reply>;
}
