import { pickDefined } from '../../../core/pick-defined.ts';
import { hour, type Instant, minute } from '../../../core/time.ts';
import { onClock } from '../../../ports/clock.ts';
import type { Store } from '../../../ports/store.ts';
import { makeEntry } from '../../context.ts';
import { changeFact, factKey, readFact } from '../../facts.ts';
import type { PeopleContext } from '../people-context.ts';

/** Why nothing goes out on a medium for a while. */
export interface TransportTrouble {
  /** In a row. */
  failures: number;
  since: Instant;
  /** Nothing is tried before. */
  until: Instant;
  /** The other side's words. */
  said: string;
  /** The start of a process that met it: another one may have another configuration, and tries. */
  worker?: string;
  isTold?: true;
}

const none: TransportTrouble = { failures: 0, since: 0, until: 0, said: '' };
const troubleFact = (medium: string) => factKey(`trouble:${medium}`, none);

/** Absent: it works, as far as anybody knows. */
export async function readTrouble(
  store: Pick<Store, 'findFact'>,
  medium: string,
): Promise<TransportTrouble | undefined> {
  const trouble = await readFact(store, troubleFact(medium));
  return trouble.failures > 0 ? trouble : undefined;
}

/** What goes wrong for a moment is nobody's business. */
const toldAfter = hour / 2;
/** 1, 2, 4 … minutes, at most an hour. */
const restFor = (failures: number) => Math.min(hour, minute * 2 ** Math.min(10, failures));

export interface Met {
  medium: string;
  said: string;
  /** It does not end by itself: a wrong password, a sender that is not taken. */
  needsPerson: boolean;
}

/** Everything on the medium waits: until the instant that is returned. Told once. */
export async function noteTrouble(
  context: Pick<PeopleContext, 'store' | 'clock' | 'worker'>,
  { medium, said, needsPerson }: Met,
): Promise<Instant> {
  const { store, clock, worker } = context;
  const now = clock.now();
  let tells = false;
  const { until, since } = await changeFact(store, troubleFact(medium), (before) => {
    const begun = before.failures > 0 ? before.since : now;
    tells = !before.isTold && (needsPerson || now - begun >= onClock(clock, toldAfter));
    return pickDefined({
      failures: before.failures + 1,
      since: begun,
      until: now + onClock(clock, restFor(before.failures)),
      said,
      worker,
      isTold: before.isTold || tells ? (true as const) : undefined,
    });
  });
  const text = `no ${medium} goes out. ${said} It is tried again by itself, and nothing is lost`;
  if (tells)
    await store.appendJournal([makeEntry(context, 'notice', { id: `${medium}:${since}`, text })]);
  return until;
}

const brakeFor = hour / 4;

/** Others think ill of what we send: nothing more goes out for a while, whoever sends it. */
export async function brake(
  { store, clock }: Pick<PeopleContext, 'store' | 'clock'>,
  medium: string,
  said: string,
): Promise<void> {
  const now = clock.now();
  const until = now + onClock(clock, brakeFor);
  await changeFact(store, troubleFact(medium), (before) => {
    const { worker: _worker, ...rest } = before;
    const since = before.failures > 0 ? before.since : now;
    return { ...rest, failures: Math.max(1, before.failures), since, until, said };
  });
}

/** Something went out again. */
export async function endTrouble(
  context: Pick<PeopleContext, 'store' | 'clock'>,
  medium: string,
): Promise<void> {
  const { store } = context;
  let ended = none;
  await changeFact(store, troubleFact(medium), (before) => {
    ended = before;
    return before.failures > 0 ? none : undefined;
  });
  const text = `${medium} goes out again`;
  const id = `${medium}:${ended.since}:over`;
  if (ended.isTold) await store.appendJournal([makeEntry(context, 'notice', { id, text })]);
}
