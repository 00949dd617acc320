import type { ClickKind } from '../clicks/click.ts';
import type { Instant } from '../time.ts';

export const actKinds = [
  'clicked',
  'visited',
  'bought',
  'replied',
  'event',
  'confirmed',
  'unsubscribed',
  'complained',
  'bounced',
] as const;
export type ActKind = (typeof actKinds)[number];

/** What a person did, or what became of what was sent. Told once for each id. */
export interface Act {
  id: string;
  person: string;
  kind: ActKind;
  at: Instant;
  /** Of an event: its name. */
  name?: string;
  /** The page that was visited, or the address behind the link. */
  url?: string;
  /** The dispatch whose link it was. */
  dispatch?: string;
  /** The words that were written, cut; of an event what it came with, as JSON. */
  words?: string;
  /** Of clicks and visits; `machine`s are no acts. */
  verdict?: Exclude<ClickKind, 'machine'>;
}
