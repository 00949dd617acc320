/** Bytes, and counts of what is open. */
export interface HeapInUse {
  heap: number;
  external: number;
  resident: number;
  files: number;
  timers: number;
}

export function readInUse(): HeapInUse;
