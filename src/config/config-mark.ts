import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** What tells one content of the configuration's file from another; undefined: there is none. */
export function markOf(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);
  } catch {
    return 'unreadable';
  }
}
