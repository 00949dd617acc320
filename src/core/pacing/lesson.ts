import type { Network } from '../network/network.ts';
import { pickDefined } from '../pick-defined.ts';
import type { AgeCurves } from './age-curve.ts';
import { type AudiencePlace, priorCurve } from './prior.ts';
import { learnRate, type Rate, type RateInput } from './rate.ts';
import { learnSlots, type SlotModel, type SlotsInput } from './slots/slot-model.ts';

export interface HoursInput extends Omit<SlotsInput, 'prior' | 'ages'> {
  audience: AudiencePlace;
  ages: AgeCurves;
}

/**
 * The hours of the week for each account, by its id: learned together, since they share most of
 * their audience's week.
 */
export const learnHours = ({ audience, ...input }: HoursInput): Record<string, SlotModel> =>
  learnSlots({ ...input, prior: priorCurve(audience) });

type RateOnly = Pick<RateInput, 'range' | 'openDays' | 'current' | 'thrift'>;

export interface LessonInput extends HoursInput, RateOnly {
  account: string;
  network: Network;
  /** `learnHours` of the same input where it is known: accounts of one zone share it. */
  hours?: Record<string, SlotModel>;
}

export interface Learned extends Rate {
  model: SlotModel;
}

/**
 * What the past weeks teach about one account: rate and hours, as the service learns them and as
 * the benchmark judges them. Undefined where the account is not among `accounts`.
 */
export function learnLesson(input: LessonInput): Learned | undefined {
  const { account, network, posts, now, ages, range, openDays, current, thrift } = input;
  const model = (input.hours ?? learnHours(input))[account];
  if (!model) return undefined;
  const asked = { account, network, posts, now, ages, slots: model };
  const rate = learnRate(pickDefined({ ...asked, range, openDays, current, thrift }));
  return { ...rate, model };
}
