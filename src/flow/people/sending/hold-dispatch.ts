import { type Dispatch, heldDispatch } from '../../../core/people/dispatch.ts';
import { nameOf } from '../../../core/people/forms/confirmation.ts';
import { makeEntry } from '../../context.ts';
import type { PeopleContext } from '../people-context.ts';

export async function holdDispatch(
  context: PeopleContext,
  before: Dispatch,
  reason: string,
): Promise<void> {
  const { id, person } = before;
  const text = `${nameOf(before)} is held: ${reason}`;
  await context.store.people.change({
    dispatch: { before, after: heldDispatch(before, reason) },
    // Once for each reason, however often it is tried.
    entries: [makeEntry(context, 'unsent', { id: `${id}:held:${reason}`, person, text })],
  });
}
