/** Why a delivery has no slot: compared by the program, with a sentence for people beside it. */
export const reasons = [
  'after',
  'approval',
  'account-held',
  'account-not-configured',
  'budget',
  'campaign-cap',
  'file-broken',
  'draft',
  'folder-gone',
  'no-cadence',
  'no-room',
  'not-before',
  'not-yet',
  'passed',
  'pinned',
  'run-taken-back',
] as const;
export type Reason = (typeof reasons)[number];

/** Why it may not have a slot, whatever the queue says. */
export interface Held {
  because: Reason;
  text: string;
}
