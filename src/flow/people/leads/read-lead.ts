import type { JournalEntry } from '../../../core/journal.ts';
import type { Act } from '../../../core/people/act.ts';
import type { Consent } from '../../../core/people/consent.ts';
import type { Person } from '../../../core/people/person.ts';
import { scoreAt } from '../../../core/people/score.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import { type Instant, toIso } from '../../../core/time.ts';
import type { Lead } from '../../../ports/people/lead-hook.ts';
import type { Store } from '../../../ports/store.ts';

const mostDone = 30;

/** Whether an entry hands somebody over, and nobody has taken the person with it. */
export const handsOver = ({ type, data }: JournalEntry): boolean =>
  type === 'handed-over' && data?.status === 'handed-over' && !('isTaken' in data);

/** All that a human needs to go on; undefined: the person was forgotten. */
export async function readLead(
  { people }: Pick<Store, 'people'>,
  entry: JournalEntry,
  now: Instant,
): Promise<Lead | undefined> {
  const { id, at, person: of = '', text = '' } = entry;
  const person = await people.findPerson(of);
  if (!person) return undefined;
  const [consents, acts] = await Promise.all([
    people.listConsents(of),
    people.listActs({ person: of, limit: mostDone }),
  ]);
  const words = acts.find((one) => one.kind === 'replied')?.words;
  return pickDefined({
    id,
    at: toIso(at),
    why: text.replace(/^.*?: /, ''),
    person: toPerson(person, now),
    from: consents.toReversed().map(toFrom),
    did: acts.map(toDone),
    words,
  });
}

function toPerson(person: Person, now: Instant): Lead['person'] {
  const { id, status, createdAt, addresses, fields, zone, lang } = person;
  const score = Math.round(scoreAt(person, now) * 10) / 10;
  return pickDefined({
    id,
    status,
    score,
    since: toIso(createdAt),
    addresses,
    fields,
    zone,
    lang,
  });
}

const toFrom = ({ way, at, from, purpose }: Consent): Lead['from'][number] =>
  pickDefined({ way, at: toIso(at), from, purpose });

const toDone = ({ kind, at, name, url, words }: Act): Lead['did'][number] =>
  pickDefined({ what: kind, at: toIso(at), name, url, words });
