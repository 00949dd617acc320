import { chance } from '../../../core/chance.ts';
import { day, hour, type Instant } from '../../../core/time.ts';
import { openPeopleRounds } from '../../../flow/people/people-rounds.ts';
import type { PeopleContext } from '../../../flow/people/people-context.ts';
import { stopPerson } from '../../../flow/people/stop-person.ts';
import { everything } from '../../../core/people/consent.ts';
import type { Beside } from '../../../rehearsal/driver.ts';
import { openPeopleAlarms, type PeopleAlarms } from '../../../rehearsal/people/people-alarms.ts';
import type { Config } from '../../../config/config.ts';
import type { Timing } from '../../../flow/context.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Store } from '../../../ports/store.ts';
import { openPeopleRoom } from '../../people/open-people.ts';
import { ofThePast } from './imagine-people.ts';
import { deedsSince, doDeed, type Due, signUp } from './play-people.ts';

const howMany = 30;

interface Around {
  store: Store;
  clock: Clock;
  worker: string;
  timing: Pick<Timing, 'dispatchClaimFor' | 'publishFor'>;
  log: { warn(text: string): void };
  from: Instant;
  until: Instant;
}

/** Undefined `beside`: there is nobody to write to. */
export async function openPastPeople(
  config: Config,
  { from, until, ...around }: Around,
): Promise<AsyncDisposable & { beside?: Beside }> {
  await using opening = new AsyncDisposableStack();
  const alarms = openPeopleAlarms();
  const room = await openPeopleRoom(config, { ...around, alarms });
  if (!room || !config.public) return opening.move();
  opening.use(room);
  const beside = playPeople(room, { alarms, from, until, door: config.public.url });
  return Object.assign(opening.move(), { beside });
}

interface Past {
  alarms: PeopleAlarms;
  from: Instant;
  until: Instant;
  door: string;
}

/** People who signed up over the weeks, and what they did with their mails. */
function playPeople(context: PeopleContext, { alarms, from, until, door }: Past): Beside {
  const { clock } = context;
  const rounds = openPeopleRounds(context, { signal: new AbortController().signal, isAlone: true });
  const arrivals = Array.from({ length: howMany }, (_, i) => arrivalOf(i, { from, until }));
  const isOfThePast = ({ deed }: Due) => ofThePast.includes(deed);
  const doneBy = new Set<string>();
  let due: Due[] = [];
  return {
    nextAt: () => Math.min(arrivals[0]?.at ?? Infinity, alarms.nextAt(), due[0]?.at ?? Infinity),
    async look() {
      while ((arrivals[0]?.at ?? Infinity) <= clock.now())
        await signUp(context, { key: arrivals.shift()?.key ?? '', door });
      for (const one of due.filter(({ at }) => at <= clock.now())) {
        doneBy.add(keyOf(one));
        await doOrStop(context, one);
      }
      for (const id of alarms.take(clock.now())) await rounds.ring({ id });
      const all = await deedsSince(context, clock.now() - 3 * day);
      due = all.filter((one) => isOfThePast(one) && !doneBy.has(keyOf(one)));
    },
  };
}

const keyOf = ({ dispatch, deed }: Due) => `${dispatch.id} ${deed}`;

/** More of them lately, so that some are at every step. */
function arrivalOf(i: number, { from, until }: { from: Instant; until: Instant }) {
  const share = Math.sqrt((i + chance('arrival', i)) / howMany);
  return { key: `past ${i}`, at: Math.round(from + share * (until - from - hour)) };
}

/** There is no door in the past: who unsubscribes is stopped as the door would do it. */
async function doOrStop(context: PeopleContext, due: Due): Promise<void> {
  if (due.deed !== 'unsubscribed') return doDeed(context, due);
  const person = await context.store.people.findPerson(due.dispatch.person);
  if (!person || person.status === 'stopped') return;
  await stopPerson(context, {
    person,
    purpose: everything,
    because: 'unsubscribed',
    by: person.id,
  });
}
