import type { Act } from '../../core/people/act.ts';
import { isLive } from '../../core/people/enrolment.ts';
import type { Person } from '../../core/people/person.ts';
import { scoreAt, scoreOf } from '../../core/people/score.ts';
import { handOver, hasAnswered } from './hand-to-human.ts';
import type { PeopleContext } from './people-context.ts';

const signs: readonly Act['kind'][] = ['clicked', 'visited', 'replied', 'bought', 'confirmed'];

const mostTries = 20;

/**
 * Takes in what people did: once for each id, however often it is told, and in any order. Whoever
 * is on the way through a sequence is looked at again at once. Returns the ids that were new.
 */
export async function takeActs(context: PeopleContext, acts: readonly Act[]): Promise<string[]> {
  const { store, alarms, clock } = context;
  const fresh = new Set(await store.people.addActs(acts));
  const byPerson = Map.groupBy(acts, ({ person }) => person);
  for (const [person, own] of byPerson) {
    // What was told before may have been cut off behind any of these.
    await bringUpToDate(context, person, own);
    if (own.some(({ id }) => fresh.has(id))) await wake(context, person);
    await judgeLead(context, person, own);
  }
  if (fresh.size > 0) await alarms.set('people', 'enrolments', clock.now());
  return [...fresh];
}

/** An answer is for a human, and so is who has done much. */
async function judgeLead(context: PeopleContext, id: string, acts: readonly Act[]) {
  const { store, clock, settings } = context;
  if (acts.some(({ kind }) => kind === 'replied')) return handOver(context, id, hasAnswered);
  const person = await store.people.findPerson(id);
  const { handOverAt } = settings.people;
  if (person && scoreAt(person, clock.now()) >= handOverAt)
    await handOver(context, id, `the score has reached ${handOverAt}`);
}

/** Older ones have lost their weight. */
const mostCounted = 2000;

/** Score and signs of life follow from the acts alone, so that nothing is lost or counted twice. */
async function bringUpToDate(
  { store, settings, clock }: PeopleContext,
  id: string,
  told: readonly Act[],
): Promise<void> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const before = await store.people.findPerson(id);
    if (!before) return;
    const now = clock.now();
    const acts = await store.people.listActs({ person: id, limit: mostCounted });
    const score = scoreOf(acts, settings.people.points, now);
    const after = withSigns({ ...before, score, scoredAt: now }, told);
    if (isSame(before, after, now) || (await store.people.changePerson(before, after))) return;
  }
}

function withSigns(person: Person, told: readonly Act[]): Person {
  const ats = told
    .filter(({ kind, verdict }) => signs.includes(kind) && verdict !== 'unsure')
    .map(({ at }) => at);
  if (ats.length === 0) return person;
  const { askedAt, ...rest } = person;
  const signAt = Math.max(rest.signAt ?? 0, ...ats);
  const status = rest.status === 'new' ? ('active' as const) : rest.status;
  // What was done before the question is no answer to it.
  const open = askedAt !== undefined && signAt < askedAt ? { askedAt } : {};
  return { ...rest, ...open, status, signAt };
}

const isSame = (before: Person, after: Person, now: number): boolean =>
  Math.abs(scoreAt(before, now) - after.score) < 1e-9 &&
  before.signAt === after.signAt &&
  before.status === after.status &&
  before.askedAt === after.askedAt;

/** Its enrolments are looked at now, whatever they wait for. */
async function wake({ store, clock }: PeopleContext, person: string): Promise<void> {
  for (const before of await store.people.listEnrolments({ person })) {
    if (!isLive(before) || before.state === 'waiting') continue;
    if ((before.nextAt ?? Infinity) <= clock.now()) continue;
    await store.people.change({ enrolment: { before, after: { ...before, nextAt: clock.now() } } });
  }
}
