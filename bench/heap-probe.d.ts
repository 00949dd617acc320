/** Bytes, and counts of what is open. */
export interface HeapInUse {
  heap: number;
  /** The part of it that V8 compiles, for as long as code becomes hot. */
  code: number;
  external: number;
  resident: number;
  files: number;
  timers: number;
}

export function readInUse(): HeapInUse;
