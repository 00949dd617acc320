/** One line of the results. */
export interface Row {
  what: string;
  value: string;
  note?: string;
}

/** What a file in `rows/` exports. */
export interface Bench {
  name: string;
  run(): Promise<Row[]>;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function formatMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(2)} ms` : `${Math.round(ms)} ms`;
}

export function spread(values: readonly number[]): string {
  const at = (share: number) => formatMs(percentile(values, share));
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${formatMs(Math.max(...values))}`;
}
