import type { Instant } from '../../time.ts';
import { confidenceOf, figuresOf, tellFigures } from '../explain.ts';
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
  const up = tellSure(more.chance, 'it beats');
  const down = tellSure(1 - less.chance, 'it falls behind');
  return {
    isReal: up.isReal || down.isReal,
    more: { at: most, text: `${tellFigures(more)}; ${up.text}` },
    less: { at: least, text: `${tellFigures(less)}; ${down.text}` },
  };
}

function tellSure(chance: number, does: string): { isReal: boolean; text: string } {
  const confidence = confidenceOf(chance);
  const isReal = confidence !== 'no real difference';
  return {
    isReal,
    text: isReal
      ? `confidence ${confidence}: ${Math.round(100 * chance)} % that ${does} an average time`
      : 'no real difference to the others so far',
  };
}
