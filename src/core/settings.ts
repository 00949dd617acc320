import type { Account } from './account.ts';
import type { Cadence, QueueCadence } from './cadence.ts';

/** What the flow needs of the configuration. */
export interface Settings {
  isSandbox: boolean;
  zone: string;
  accounts: Account[];
  pacing: { mode: 'adaptive' | 'steady'; audience: string };
  /** By account. */
  cadences: Record<string, Cadence>;
  queues: Record<string, QueueCadence & { accounts?: string[] }>;
  campaigns: Record<string, { touches: number; utm: Record<string, string> }>;
}
