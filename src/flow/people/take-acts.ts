import type { Act } from '../../core/people/act.ts';
import { isLive } from '../../core/people/enrolment.ts';
import type { Person } from '../../core/people/person.ts';
import { scoreAt, withAct } from '../../core/people/score.ts';
import { handOver } from './hand-to-human.ts';
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
    const news = own.filter(({ id }) => fresh.has(id));
    if (news.length > 0) {
      await addToPerson(context, person, news);
      await wake(context, person);
    }
    // What was told before may have been cut off here.
    await judgeLead(context, person, own);
  }
  if (fresh.size > 0) await alarms.set('people', 'enrolments', clock.now());
  return [...fresh];
}

/** An answer is for a human, and so is who has done much. */
async function judgeLead(context: PeopleContext, id: string, acts: readonly Act[]) {
  const { store, clock, settings } = context;
  if (acts.some(({ kind }) => kind === 'replied'))
    return handOver(context, id, 'the person has answered');
  const person = await store.people.findPerson(id);
  const { handOverAt } = settings.people;
  if (person && scoreAt(person, clock.now()) >= handOverAt)
    await handOver(context, id, `the score has reached ${handOverAt}`);
}

async function addToPerson(
  { store, settings }: PeopleContext,
  id: string,
  acts: readonly Act[],
): Promise<void> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const before = await store.people.findPerson(id);
    if (!before) return;
    const after = acts.reduce<Person>((person, act) => addTo(person, act, settings), before);
    if (await store.people.changePerson(before, after)) return;
  }
}

function addTo(person: Person, act: Act, { people }: PeopleContext['settings']): Person {
  const scored = { ...person, ...withAct(person, act, people.points) };
  if (!signs.includes(act.kind) || act.verdict === 'unsure') return scored;
  const { askedAt: _asked, ...rest } = scored;
  const status = rest.status === 'new' ? 'active' : rest.status;
  return { ...rest, status, signAt: Math.max(rest.signAt ?? 0, act.at) };
}

/** Its enrolments are looked at now, whatever they wait for. */
async function wake({ store, clock }: PeopleContext, person: string): Promise<void> {
  for (const before of await store.people.listEnrolments({ person })) {
    if (!isLive(before) || before.state === 'waiting') continue;
    if ((before.nextAt ?? Infinity) <= clock.now()) continue;
    await store.people.change({ enrolment: { before, after: { ...before, nextAt: clock.now() } } });
  }
}
