const isLong = process.env.DRIPLINE_FIELD === 'long';

/** How many inputs a kind of fault is tried with: in `npm test`, and in `npm run test:field`. */
export const inputs = (short: number, long: number): number => (isLong ? long : short);
