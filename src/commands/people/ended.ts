import { type Enrolment, isLive } from '../../core/people/enrolment.ts';
import type { PersonBefore } from '../../core/journal.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { CommandContext } from '../command.ts';

export const listLive = async (
  { store }: Pick<CommandContext, 'store'>,
  person: string,
): Promise<Enrolment[]> => (await store.people.listEnrolments({ person })).filter(isLive);

/** What brings it back where its end is taken back. */
export const asItWas = ({
  id,
  state,
  nextAt,
}: Enrolment): NonNullable<PersonBefore['ended']>[number] => pickDefined({ id, state, nextAt });
