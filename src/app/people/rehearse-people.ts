import type { Config } from '../../config/config.ts';
import type {
  SequencesInput,
  SequencesRehearsal,
} from '../../rehearsal/people/rehearse-sequences.ts';
import { couponsOf, sequencesOf } from './open-people.ts';

type Span = Pick<SequencesInput, 'own' | 'openStore' | 'from' | 'until' | 'entering'>;

/** Undefined: there are no sequences. */
export async function rehearsePeople(
  config: Config,
  span: Span,
): Promise<SequencesRehearsal | undefined> {
  const { sequences, broken } = await sequencesOf(config).read();
  const { rehearseSequences } = await import('../../rehearsal/people/rehearse-sequences.ts');
  const { mail, letters } = config;
  const played = await rehearseSequences({
    ...span,
    sequences,
    settings: config,
    coupons: couponsOf(config),
    batches: letters?.time,
    pace: mail && { perSecond: mail.perSecond, perDay: mail.perDay, warmUp: mail.warmUp },
  });
  for (const id of broken.keys())
    played?.notes.push(`${id} cannot be read, and is not played: \`dripline check\` says why.`);
  return played;
}
