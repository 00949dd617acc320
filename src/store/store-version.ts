import { StoreError } from '../ports/store.ts';

/** `serve` creates and migrates the store; commands beside it only use what is there. */
export type StoreMode = 'serve' | 'beside';

interface Versions {
  /** What messages call the store. */
  where: string;
  /** Of the store as it is; 0: there is none. */
  stored: number;
  /** The one that this Dripline reads and writes. */
  own: number;
}

/** Throws StoreError where this Dripline may not use the store in this mode. */
export function assertVersion({ where, stored, own }: Versions, mode: StoreMode): void {
  if (stored > own) {
    const versions = `(store version ${stored}, this one knows ${own})`;
    const advice = 'run that version, or restore a backup';
    const message = `${where} was written by a newer Dripline ${versions}: ${advice}`;
    throw new StoreError('newer', message);
  }
  if (mode === 'serve') return;
  if (stored === 0) {
    const advice = 'start Dripline once (npm start), it creates the store';
    throw new StoreError('absent', `${where} holds no store yet: ${advice}`);
  }
  if (stored < own) {
    const what = `${where} has store version ${stored}, this Dripline needs ${own}`;
    const advice = 'restart the service (npm start), it migrates the store';
    throw new StoreError('old', `${what}: ${advice}`);
  }
}
