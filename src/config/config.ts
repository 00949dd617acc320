import type { Account } from '../core/network/account.ts';
import type { Cadence } from '../core/schedule/cadence.ts';
import type { Campaign, Pacing } from '../core/settings.ts';
import type { Problem } from '../core/problem.ts';
import type { ChatConfig, NoticeConfig } from './schema-chat.ts';
import type { NamedQueue } from './schema.ts';

export interface FeedConfig {
  url: string;
  queue?: string;
  template: string;
  perDay?: number;
  networks?: string[];
  campaign?: string;
  approval: boolean;
}

/** Everything that is set, read once at the start. */
export interface Config {
  /** No configuration was there: the three local networks. */
  isSandbox: boolean;
  /** Absent in the sandbox. */
  file?: string;
  zone: string;
  accounts: Account[];
  /** By account. */
  cadences: Record<string, Cadence>;
  queues: Record<string, NamedQueue>;
  campaigns: Record<string, Campaign>;
  feeds: FeedConfig[];
  pacing: Pacing;
  /**
   * How many times faster than life the audience reacts: 1, but in the sandbox, where an hour is a
   * minute.
   */
  audienceSpeed: number;
  web: {
    host: string;
    port: number;
    password?: string;
    trustedProxies?: string[];
    metricsToken?: string;
  };
  /** Each with who may speak. */
  chat?: ChatConfig;
  notices: NoticeConfig;
  folders: { data: string; posts: string; media: string };
  /** Absent: SQLite in the data folder. */
  mongoUri?: string;
  /** Values that must never be written out. */
  secrets: string[];
  /** What is accepted and yet worth a word. */
  notes: Problem[];
  /** Each value with where it comes from, secrets as dots, in the file's order. */
  shown: { key: string; value: string; from: string }[];
}
