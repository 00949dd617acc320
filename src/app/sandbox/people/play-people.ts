import type { Dispatch } from '../../../core/people/dispatch.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import type { Instant } from '../../../core/time.ts';
import { enter } from '../../../flow/people/enter.ts';
import type { PeopleContext } from '../../../flow/people/people-context.ts';
import { takeClicks } from '../../../flow/people/clicks/take-clicks.ts';
import { takeActs } from '../../../flow/people/take-acts.ts';
import {
  type Deed,
  imagineDeeds,
  imaginePerson,
  paperSequence,
  replies,
  sampleSequence,
} from './imagine-people.ts';

/** Fills in the form, and confirms. Nothing where that person was here before. */
export async function signUp(
  context: PeopleContext,
  { key, door }: { key: string; door: string },
): Promise<void> {
  const { store, sequences, clock } = context;
  const sequence = sequences.get(sampleSequence);
  if (!sequence) return;
  const { person, consents } = imaginePerson(key, clock.now(), door);
  if (!(await store.people.addPerson(person))) return;
  await store.people.addConsents(consents);
  const { id } = person;
  await takeActs(context, [
    { id: `sandbox:${id}:confirmed`, person: id, kind: 'confirmed', at: clock.now() },
  ]);
  await enter(context, { person, sequence, by: 'form' });
  const paper = sequences.get(paperSequence);
  const isByPost = person.addresses.some(({ medium }) => medium === 'letter');
  if (paper && isByPost) await enter(context, { person, sequence: paper, by: 'event' });
}

export interface Due {
  dispatch: Dispatch;
  deed: Deed;
  at: Instant;
}

/** What people do with the mails that came since then, the earliest first. */
export async function deedsSince({ store }: PeopleContext, since: Instant): Promise<Due[]> {
  const sequence = sampleSequence;
  const sent = await store.people.listDispatches({ sequence, states: ['sent'], sentSince: since });
  return sent
    .flatMap((dispatch) =>
      imagineDeeds(dispatch.id).map(({ deed, after }) => ({
        dispatch,
        deed,
        at: (dispatch.sentAt ?? dispatch.at) + after,
      })),
    )
    .toSorted((a, b) => a.at - b.at);
}

/** Once for each mail and deed, however often it is told. */
export async function doDeed(context: PeopleContext, { dispatch, deed, at }: Due): Promise<void> {
  const { id, person, step } = dispatch;
  const words = deed === 'replied' ? replies[id.length % replies.length] : undefined;
  if (deed === 'clicked') {
    const url = `https://acme.example/planner/${step}`;
    await takeClicks(context, [{ dispatch: id, code: id, url, at, kind: 'person' }]);
    return;
  }
  if (deed === 'bounced' || deed === 'complained') return;
  const act = { id: `sandbox:${id}:${deed}`, person, kind: deed, at, dispatch: id, words };
  await takeActs(context, [pickDefined(act)]);
}
