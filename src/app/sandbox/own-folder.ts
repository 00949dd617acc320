import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toIso } from '../../core/time.ts';
import type { Log } from '../../flow/context.ts';
import { hasFastClock } from './fast-clock.ts';

const made = 'past.new';
const isDone = 'done';
/** Of the process that serves the folder. */
const ofTheLock = ['serve.lock', 'serve.json'];
const earlier = 'earlier-';

/**
 * Makes the sandbox's past where there is none: in a folder of its own, which takes its place when
 * it is complete. A start that was killed in between begins again, or ends what it had begun. What
 * an earlier version left, whose time was another, is put aside.
 */
export async function preparePast(
  folder: string,
  { log, play }: { log: Log; play: (folder: string) => Promise<void> },
): Promise<void> {
  const fresh = join(folder, made);
  if (!existsSync(join(fresh, isDone))) {
    rmSync(fresh, { recursive: true, force: true });
    if (hasFastClock(folder)) return;
    putAside(folder, log);
    mkdirSync(fresh, { mode: 0o700 });
    await play(fresh);
    writeFileSync(join(fresh, isDone), '');
  }
  for (const name of readdirSync(fresh))
    if (name !== isDone) renameSync(join(fresh, name), join(folder, name));
  rmSync(fresh, { recursive: true });
}

function putAside(folder: string, log: Log): void {
  const names = readdirSync(folder).filter(
    (name) => !ofTheLock.includes(name) && !name.startsWith(earlier),
  );
  if (!names.includes('dripline.db') && !names.includes('networks.jsonl')) return;
  const aside = join(folder, `${earlier}${toIso(Date.now()).replaceAll(/[-:]|\.\d+/g, '')}`);
  mkdirSync(aside, { mode: 0o700 });
  for (const name of names) renameSync(join(folder, name), join(aside, name));
  log.warn(`The sandbox begins anew. What an earlier version kept in it is in ${aside}.`);
}
