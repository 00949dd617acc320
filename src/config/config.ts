import type { PeopleSettings } from '../core/people/people-settings.ts';
import type { Account } from '../core/network/account.ts';
import type { Cadence } from '../core/schedule/cadence.ts';
import type { Campaign, Keep, Pacing } from '../core/settings.ts';
import type { Mentions } from '../core/text/mention-rules.ts';
import { formatProblem, type Problem, Refusal } from '../core/problem.ts';
import type { LettersConfig } from './letters/schema-letters.ts';
import type { MailConfig } from './mail/schema-mail.ts';
import type { LeadHookConfig } from './people/schema-people.ts';
import type { ChatConfig, NoticeConfig } from './schema-chat.ts';
import type { NamedQueue } from './schema.ts';

export interface FeedConfig {
  /** By which it is known everywhere: without the credentials that `address` may have. */
  url: string;
  /** What is asked for. */
  address: string;
  queue?: string;
  template: string;
  perDay?: number;
  networks?: string[];
  campaign?: string;
  approval: boolean;
  allowPrivate?: boolean;
  /** How long its links become, where they are counted. */
  linkLength?: number;
}

/** The whole configuration, read once at the start. */
/** Absent: that one tells nothing. */
export interface EventsConfig {
  token?: string | undefined;
  woocommerce?: { secret: string } | undefined;
  shopify?: { secret: string } | undefined;
}

export interface Config {
  /** There is no configuration, so Dripline uses the three local networks. */
  isSandbox: boolean;
  /** The folder that relative paths start from. */
  root: string;
  /** Absent in the sandbox. */
  file?: string;
  zone: string;
  accounts: Account[];
  /** By account. */
  cadences: Record<string, Cadence>;
  queues: Record<string, NamedQueue>;
  campaigns: Record<string, Campaign>;
  mentions: Mentions;
  feeds: FeedConfig[];
  pacing: Pacing;
  keep: Keep;
  web: {
    host: string;
    /** Where people find it, if that is elsewhere than where it listens. */
    shownUrl?: string;
    port: number;
    password?: string;
    trustedProxies?: string[];
    metricsToken?: string;
  };
  /** The listener for everybody; absent: there is none. */
  public?: {
    url: string;
    host: string;
    port: number;
    trustedProxies: string[];
    /** Origins of sites that tell visits; absent: none does. */
    visits?: string[];
  };
  /** Links of posts go out through it; absent: as they are. */
  links?: { url: string };
  /** How sequences reach people by mail; absent: they do not. */
  mail?: MailConfig;
  /** Letters on paper; absent: there are none. */
  letters?: LettersConfig;
  /** How a shop tells what people did; absent: it does not. */
  events?: EventsConfig;
  /** What gets each hand-over; absent: operators alone. */
  leadHook?: LeadHookConfig;
  people: PeopleSettings;
  /** Who may ask `/mcp`; absent: nobody. */
  agents?: { token: string; name: string; hosts: string[] };
  /** Each with the people who may give commands. */
  chat?: ChatConfig;
  notices: NoticeConfig;
  folders: { data: string; posts: string; media: string };
  /** Through which calls go out. */
  proxies: { HTTPS_PROXY?: string; HTTP_PROXY?: string; NO_PROXY?: string };
  /** Absent: SQLite in the data folder. */
  mongoUri?: string;
  /** Values that must never be written out. */
  secrets: string[];
  /** What is accepted, but should be reported. */
  notes: Problem[];
  /** Each value with where it comes from, secrets as dots, in the order of the file. */
  shown: { key: string; value: string; from: string }[];
}

export class ConfigError extends Refusal {
  readonly problems: Problem[];
  constructor(problems: Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}
