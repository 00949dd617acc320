import type { Instant } from '../../time.ts';
import { confidenceOf, figuresOf, tellFigures, tellSure } from '../explain.ts';
import { scoreAt, type SlotModel } from './slot-model.ts';

/**
 * The times that are worth most and least among those that are open, each with how certain that
 * is; `isReal`: at least one of them differs from an average time.
 */
export interface HoursSaid {
  isReal: boolean;
  more: { at: Instant; text: string };
  less: { at: Instant; text: string };
}

/**
 * Undefined where there are no times to choose from. Where nothing is known, it says that there is
 * no real difference.
 */
export function tellHours(model: SlotModel, open: readonly Instant[]): HoursSaid | undefined {
  const sorted = open.toSorted((a, b) => scoreAt(model, b) - scoreAt(model, a) || a - b);
  const [most, least] = [sorted[0], sorted.at(-1)];
  if (most === undefined || least === undefined) return undefined;
  const [more, less] = [figuresOf(model, most, open), figuresOf(model, least, open)];
  return {
    isReal: [more.above, less.below].some((one) => confidenceOf(one) !== 'no real difference'),
    more: { at: most, text: `${tellFigures(more)}; ${tellSure(more.above, 'it beats')}` },
    less: { at: least, text: `${tellFigures(less)}; ${tellSure(less.below, 'it falls behind')}` },
  };
}
