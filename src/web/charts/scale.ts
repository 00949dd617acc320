/** Margins around the chart, in units of the picture. */
export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export const round = (value: number): number => Number(value.toFixed(1));

/** Three to six round numbers from 0 to at least the most. */
export function ticksFor(most: number): number[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1) / 3));
  const step =
    [1, 2, 5, 10].map((one) => Math.max(1, one * power)).find((one) => most / one <= 5) ??
    Math.max(1, 10 * power);
  return Array.from({ length: Math.max(1, Math.ceil(most / step)) + 1 }, (_, i) => i * step);
}

export const compact = (value: number): string =>
  value >= 10_000 ? `${round(value / 1000)}k` : String(Number(value.toFixed(value < 10 ? 1 : 0)));
