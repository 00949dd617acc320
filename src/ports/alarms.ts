import type { Instant } from '../core/time.ts';

export const alarmKinds = [
  'release',
  'reconcile',
  'rescan',
  'feed',
  'measure',
  'uploads',
  'people',
] as const;
export type AlarmKind = (typeof alarmKinds)[number];

export interface Alarm {
  kind: AlarmKind;
  /** What it is for: a delivery, an account, a feed. */
  id: string;
  at: Instant;
}

/** They may ring late, twice, or (where their store was lost) not at all, and carry no state. */
export interface Alarms extends AsyncDisposable {
  /**
   * Replaces an earlier alarm of the same kind and id. An instant that has passed rings at once.
   */
  set(kind: AlarmKind, id: string, at: Instant): Promise<void>;
  cancel(kind: AlarmKind, id: string): Promise<void>;
  /**
   * Begins to ring. The handler's signal is aborted when the alarms stop; its errors are reported,
   * never thrown.
   */
  start(handle: (alarm: Alarm, signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Stops ringing and waits for running handlers. */
  stop(): Promise<void>;
}
