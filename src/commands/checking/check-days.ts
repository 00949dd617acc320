import type { Settings } from '../../core/settings.ts';
import type { Post } from '../../core/post/post.ts';
import type { Problem } from '../../core/problem.ts';
import { isOpenDay } from '../../core/schedule/cadence.ts';
import { localDate } from '../../core/time.ts';
import { accountsFor } from '../../flow/ingest/ingest.ts';

/** A post for a day on which the cadence has no slot: the day is kept, and the rule broken. */
export function noteClosedDay(post: Post, config: Settings, now = Date.now()): Problem[] {
  const { pin, draft, file, queue } = post;
  if (draft || !pin || !('date' in pin)) return [];
  const closed = accountsFor(post, config).filter(({ name }) => {
    const cadence = config.cadences[name];
    if (!cadence || pin.date < localDate(now, cadence.zone)) return false;
    const days = config.queues[queue ?? '']?.days ?? cadence.days;
    return !isOpenDay({ days, blackout: cadence.blackout }, pin.date);
  });
  if (!closed.length) return [];
  const names = closed.map(({ name }) => name).join(', ');
  return [
    {
      where: file,
      what: `its day, ${pin.date}, is one that the cadence leaves out on ${names}`,
      hint: 'it is published on that day anyway, unless you choose another one',
      severity: 'note',
    },
  ];
}
