import { toTable } from '../../commands/table.ts';
import { plural } from '../../core/plural.ts';
import { formatLocal, toIso } from '../../core/time.ts';
import { media } from '../../core/people/person.ts';
import type { SequencesRehearsal } from '../../rehearsal/people/rehearse-sequences.ts';

/** For people: each sequence, how much goes out a day, and what holds it up. */
export function tellPeople(played: SequencesRehearsal, zone: string): string {
  const { sequences, notes, waitedForCap, fullDays, held } = played;
  const table = toTable(
    ['sequence', 'enter a day', 'entered', 'messages', 'finished'],
    sequences.map(({ sequence, enteringPerDay, entered, sent, finished }) => [
      sequence,
      String(enteringPerDay),
      String(entered),
      String(sent),
      String(finished),
    ]),
  );
  return [
    'Sequences, one person at a time:',
    ...notes.map((note) => `Note: ${note}`),
    '',
    table,
    '',
    ...byMedium(played),
    `${plural(waitedForCap, 'person', 'people')} waited for the most that one gets in a week.`,
    fullDays > 0 ? `The mail server's limit was reached on ${plural(fullDays, 'day')}.` : '',
    ...held.map(
      ({ reason, firstAt, count }) =>
        `Held from ${formatLocal(firstAt, zone)} on, ${plural(count, 'message')}: ${reason}.`,
    ),
  ]
    .filter((line, i, all) => line !== '' || all[i - 1] !== '')
    .join('\n')
    .trimEnd();
}

const names = { mail: 'Mails', message: 'Messages', letter: 'Letters' };

function byMedium({ days }: SequencesRehearsal): string[] {
  return media.flatMap((medium) => {
    const counts = days.map((one) => one[medium]);
    const total = counts.reduce((sum, one) => sum + one, 0);
    const most = days.toSorted((a, b) => b[medium] - a[medium])[0];
    if (total === 0 || !most) return [];
    const mean = (total / days.length).toFixed(1);
    return [`${names[medium]}: ${mean} a day, at most ${most[medium]} (on ${most.date}).`];
  });
}

/** For other tools: instants in UTC. */
export const toPeopleJson = (played: SequencesRehearsal | undefined) =>
  played
    ? {
        people: {
          ...played,
          held: played.held.map(({ firstAt, ...one }) => ({ ...one, firstAt: toIso(firstAt) })),
        },
      }
    : {};
