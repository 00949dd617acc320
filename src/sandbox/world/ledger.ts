import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Refusal } from '../../core/problem.ts';

export interface Ledger<Event> {
  /** On disk when it returns: all of these events, or, where it throws, none. */
  append(events: Event[]): void;
  close(): void;
}

/**
 * One JSON-lines file; a line is a batch, so that what was accepted together survives together. A
 * last line without its end was never answered for, and is dropped. Throws a Refusal that names the
 * line when an earlier one can't be read.
 */
export function openLedger<Event>(file: string, replay: (events: Event[]) => void): Ledger<Event> {
  mkdirSync(dirname(file), { recursive: true });
  const isNew = !existsSync(file);
  const bytes = isNew ? Buffer.alloc(0) : readFileSync(file);
  let size = bytes.lastIndexOf(10) + 1;
  for (const [i, line] of bytes
    .subarray(0, size)
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
    .entries())
    replay(parseLine(line, file, i + 1));
  const fd = openSync(file, 'a');
  let isTorn = size < bytes.length;
  let isClosed = false;
  if (isNew) syncFolder(dirname(file));
  return {
    append(events) {
      // The number of a closed file may be another file's by now.
      if (isClosed) throw new Error('the sandbox is closed');
      const line = Buffer.from(`${JSON.stringify(events)}\n`);
      // Not on opening: a sandbox that is running may be in the middle of this very line, and then
      // we get none of its ports.
      if (isTorn) ftruncateSync(fd, size);
      isTorn = false;
      try {
        for (let at = 0; at < line.length;) at += writeSync(fd, line, at);
        fdatasyncSync(fd);
      } catch (error) {
        ftruncateSync(fd, size);
        throw error;
      }
      size += line.length;
    },
    close() {
      if (!isClosed) closeSync(fd);
      isClosed = true;
    },
  };
}

function parseLine<Event>(line: string, file: string, number: number): Event[] {
  try {
    const events: unknown = JSON.parse(line);
    if (Array.isArray(events)) return events as Event[];
  } catch {
    // Told below, with the place.
  }
  const what = `${file}:${number} cannot be read: the sandbox's file is damaged`;
  throw new Refusal(`${what}. Move it away to start with empty networks.`);
}

/** A new name in a folder is durable only when the folder is. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
