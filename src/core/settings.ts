import type { Account } from './network/account.ts';
import type { Mentions } from './text/mention-rules.ts';
import { day } from './time.ts';
import type { Cadence, QueueCadence } from './schedule/cadence.ts';

export interface Pacing {
  mode: 'adaptive' | 'steady';
  /** `mostly-here`, `worldwide`, or the zone that most of the audience lives in. */
  audience: string;
  /** In which order evergreen posts that are due are repeated. */
  evergreen: 'in-turn' | 'best-first';
}

export interface Campaign {
  /** How often each follower may see it in total, on average. */
  touches: number;
  /** And in seven days. */
  touchesPerWeek: number;
  utm: Record<string, string>;
}

/** For how long what grows is kept, in milliseconds. */
export interface Keep {
  picturesFor: number;
  journalFor: number;
  samplesFor: number;
}

export const defaultKeep: Keep = {
  picturesFor: 60 * day,
  journalFor: 2 * 365 * day,
  samplesFor: 2 * 365 * day,
};

/** The part of the configuration that the flow needs. */
export interface Settings {
  isSandbox: boolean;
  zone: string;
  accounts: Account[];
  pacing: Pacing;
  /** By account. */
  cadences: Record<string, Cadence>;
  queues: Record<string, QueueCadence & { accounts?: string[] }>;
  campaigns: Record<string, Campaign>;
  /** Absent: `defaultKeep`. */
  keep?: Keep;
  /** Absent: none. */
  mentions: Mentions;
  /** Where posts' links are counted; absent: they are not. */
  links?: { url: string };
  feeds?: readonly { url: string; queue?: string }[];
}
