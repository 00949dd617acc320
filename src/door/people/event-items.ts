import { whyNoMailAddress } from '../../core/people/person.ts';
import type { ToldEvent } from '../../core/people/forms/told-event.ts';
import { pickDefined } from '../../core/pick-defined.ts';

/** An event, or what is wrong with it: a sentence. */
export type Item = { told: ToldEvent } | { because: string; id?: string };

const longestId = 200;
const eventName = /^[\p{L}\p{N}][\p{L}\p{N}._:-]{0,99}$/u;
// With an offset: nobody knows the clock of a shop otherwise.
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/i;
const mostData = 20;
const longestData = 200;

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isId = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= longestId && /^[!-~]+$/.test(value);

export function readItem(item: unknown): Item {
  if (!isFields(item)) return { because: 'an event is an object: {"id", "person", "event"}' };
  const { id, event, at, data } = item;
  if (!isId(id))
    return { because: `id is missing, or no text of 1 to ${longestId} visible characters` };
  const person = readPerson(item['person']);
  if (typeof person === 'string') return { id, because: person };
  if (typeof event !== 'string' || !eventName.test(event))
    return { id, because: 'event is a name such as bought or cart.updated' };
  const when = readInstant(at);
  if (when === 'wrong')
    return { id, because: 'at is a time such as 2026-03-02T08:00:00Z, or is left out' };
  if (data !== undefined && data !== null && !isFields(data))
    return { id, because: 'data is an object, or is left out' };
  return { told: pickDefined({ id, person, event, at: when, data: cutData(data) }) };
}

/** A sentence: it cannot be used. */
function readPerson(person: unknown): ToldEvent['person'] | string {
  if (!isFields(person)) return 'person is missing: write {"email": "…"} or {"id": "…"}';
  const { email, id } = person;
  if (typeof email === 'string') {
    const why = whyNoMailAddress(email.slice(0, 500).trim());
    return why === undefined ? { mail: email.trim() } : `person.email ${why}`;
  }
  return isId(id) ? { id } : 'person has neither an email nor an id';
}

function readInstant(at: unknown): number | undefined | 'wrong' {
  if (at === undefined || at === null) return undefined;
  const parsed = typeof at === 'string' && instant.test(at) ? Date.parse(at) : Number.NaN;
  return parsed >= 0 ? parsed : 'wrong';
}

function cutData(data: Fields | null | undefined): Record<string, string> | undefined {
  const kept = Object.entries(data ?? {})
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .slice(0, mostData)
    .map(([name, value]) => [name.slice(0, longestData), String(value).slice(0, longestData)]);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}
