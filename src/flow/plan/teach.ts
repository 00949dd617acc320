import { type AgeCurves, fitAgeCurves } from '../../core/pacing/age-curve.ts';
import { type Learned, learnHours, learnLesson } from '../../core/pacing/lesson.ts';
import { type Paced, toObserved } from '../../core/pacing/observed.ts';
import type { AudiencePlace } from '../../core/pacing/prior.ts';
import type { RateInput } from '../../core/pacing/rate.ts';
import type { SlotModel } from '../../core/pacing/slots/slot-model.ts';
import type { Sample } from '../../core/engagement.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Instant } from '../../core/time.ts';
import type { Task } from '../../ports/aside.ts';

/** An account that a lesson is due for. */
export interface Pupil extends Paced, Pick<RateInput, 'range' | 'openDays' | 'current'> {
  zone: string;
  audience: AudiencePlace;
}

/** Plain data: it may be learned from in another process. */
export interface Teaching {
  now: Instant;
  samples: readonly Sample[];
  /** All that are configured, since they share most of their audience's week. */
  accounts: readonly Paced[];
  pupils: readonly Pupil[];
}

export interface Taught {
  ages: AgeCurves;
  /** In the order of the pupils; undefined: there is nothing to be learned for this one. */
  lessons: (Learned | undefined)[];
}

/** What the weeks have taught about some accounts; the same input gives the same lessons. */
export function teach({ now, samples, accounts, pupils }: Teaching): Taught {
  const configured = new Set(accounts.map(({ id }) => id));
  const posts = toObserved(samples).filter(({ account }) => configured.has(account));
  const ages = fitAgeCurves(samples);
  const hoursByZone = new Map<string, Record<string, SlotModel>>();
  const lessons = pupils.map((pupil) => {
    const { id: account, network, zone, audience, range, openDays, current } = pupil;
    // Without any post there is nothing to share, and many accounts together take long.
    const known = posts.length ? accounts : [pupil];
    const before = hoursByZone.get(zone);
    const hours =
      before && account in before
        ? before
        : learnHours({ accounts: known, posts, zone, now, audience, ages });
    hoursByZone.set(zone, hours);
    return learnLesson(
      pickDefined({
        account,
        network,
        accounts: known,
        posts,
        zone,
        now,
        audience,
        ages,
        range,
        openDays,
        current,
        hours,
      }),
    );
  });
  return { ages, lessons };
}

export const teaching: Task<Teaching, Taught> = { module: import.meta.url, name: teach.name };
