import { cancelledDispatch, type Dispatch } from '../../../core/people/dispatch.ts';
import { isLive } from '../../../core/people/enrolment.ts';
import { findReach, type ReachContext } from '../reach.ts';

/** A stop that was interrupted after it was written: what follows from it is done here. */
export async function mayStay(context: ReachContext, before: Dispatch): Promise<boolean> {
  const { store } = context;
  const [person, enrolment] = await Promise.all([
    store.people.findPerson(before.person),
    store.people.findEnrolment(before.enrolment),
  ]);
  if (!person || !enrolment) return false;
  const wanted = { purpose: before.sequence, by: ['letter'] as const };
  const reach = await findReach(context, person, wanted);
  const isSame = 'addressKey' in reach && reach.addressKey === before.intent?.addressKey;
  if (isSame && isLive(enrolment)) return true;
  const why = 'because' in reach ? reach.because : 'it may not be sent any more';
  const after = cancelledDispatch(before, why);
  return !(await store.people.change({ dispatch: { before, after } }));
}

/** Looked at before somebody's word that it is printed counts. */
export async function whoStays(
  context: ReachContext,
  { id, letters }: { id: string; letters: readonly string[] },
): Promise<Set<string>> {
  const stays = new Set<string>();
  for (const letter of letters) {
    const dispatch = await context.store.people.findDispatch(letter);
    if (dispatch?.batch !== id) continue;
    const isOpen = dispatch.state === 'sending' && (await mayStay(context, dispatch));
    if (isOpen || dispatch.state === 'sent') stays.add(letter);
  }
  return stays;
}
