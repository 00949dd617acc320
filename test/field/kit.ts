const isLong = process.env.DRIPLINE_FIELD === 'long';

/** How many inputs a kind of fault is tried with: in `npm test`, and in `npm run test:field`. */
export const inputs = (short: number, long: number): number => (isLong ? long : short);

/** Processor time of this thread in milliseconds: what else runs on the machine is not in it. */
export function cpuTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
