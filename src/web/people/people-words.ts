import { html } from 'hono/html';
import type { Act, ActKind } from '../../core/people/act.ts';
import { everything } from '../../core/people/consent.ts';
import type { DispatchState } from '../../core/people/dispatch.ts';
import type { EnrolmentState } from '../../core/people/enrolment.ts';
import type { PersonStatus } from '../../core/people/person.ts';
import { plural } from '../../core/plural.ts';
import { day, formatDuration, hour, minute } from '../../core/time.ts';
import type { Html } from '../parts/html.ts';

type Tone = 'good' | 'live' | 'warn' | 'bad' | '';

/** The colour is only an addition to the word. */
const mark = (tone: Tone, text: string): Html =>
  html`<span class="badge tone-${tone || 'none'}">${text}</span>`;

export const statusNames: Record<PersonStatus, string> = {
  new: 'New',
  active: 'Active',
  'handed-over': 'Handed over',
  won: 'Won',
  lost: 'Lost',
  stopped: 'Stopped',
};

const statusTones: Partial<Record<PersonStatus, Tone>> = {
  active: 'live',
  'handed-over': 'warn',
  won: 'good',
};

export const statusBadge = (status: PersonStatus): Html =>
  mark(statusTones[status] ?? '', statusNames[status]);

const enrolmentWords: Record<EnrolmentState, [Tone, string]> = {
  waiting: ['warn', 'Waiting to enter'],
  active: ['live', 'In it'],
  finished: ['', 'Finished'],
  reached: ['good', 'Reached the goal'],
  left: ['', 'Left'],
  stopped: ['', 'Stopped'],
  'handed-over': ['warn', 'Handed over'],
};

export const enrolmentBadge = (state: EnrolmentState): Html => mark(...enrolmentWords[state]);

const dispatchWords: Record<DispatchState, [Tone, string]> = {
  planned: ['live', 'scheduled'],
  sending: ['live', 'being sent'],
  sent: ['good', 'sent'],
  bounced: ['bad', 'bounced'],
  failed: ['bad', 'failed'],
  held: ['bad', 'on hold'],
  uncertain: ['bad', 'uncertain'],
  cancelled: ['', 'taken back'],
};

export const dispatchName = (state: DispatchState): string => dispatchWords[state][1];
export const isTrouble = (state: DispatchState): boolean => dispatchWords[state][0] === 'bad';
export const dispatchBadge = (state: DispatchState): Html => mark(...dispatchWords[state]);

const actNames: Record<ActKind, string> = {
  clicked: 'Clicked',
  visited: 'Visited',
  bought: 'Bought',
  replied: 'Replied',
  event: 'Event',
  confirmed: 'Agreed to be written to',
  unsubscribed: 'Unsubscribed',
  complained: 'Reported a message as spam',
  bounced: 'A message bounced',
};

export const actName = ({ kind, name, verdict }: Act): string =>
  [actNames[kind], name, verdict === 'unsure' ? '(perhaps a machine)' : '']
    .filter(Boolean)
    .join(' ');

export const purposeName = (purpose: string): string =>
  purpose === everything ? 'everything' : purpose;

/** `2 days`, `4 hours`; what is not whole in short. */
export function tellWait(ms: number): string {
  if (ms === 0) return 'At once';
  const whole = [[day, 'day'] as const, [hour, 'hour'] as const, [minute, 'minute'] as const].find(
    ([size]) => ms % size === 0,
  );
  return whole ? plural(ms / whole[0], whole[1]) : formatDuration(ms);
}
