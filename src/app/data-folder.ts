import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../core/problem.ts';
import { StoreError } from '../ports/store.ts';

/** The data folder, which has to be writable. */
export function makeFolder(folder: string) {
  try {
    mkdirSync(folder, { recursive: true });
    const probe = join(folder, `.probe-${randomBytes(4).toString('hex')}`);
    writeFileSync(probe, '');
    rmSync(probe, { force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC')
      throw new StoreError('full', `the disk that holds ${folder} is full. Make room`);
    const todo = 'Fix its permissions, or set DRIPLINE_DATA to another';
    throw new Refusal(`the data folder ${folder} cannot be written. ${todo} (${code ?? 'error'})`);
  }
}

/** The same after a restart, so that alarms that the last run held ring at once. */
export function workerName(data: string): string {
  const file = join(data, 'worker');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    const name = `${hostname()}-${randomBytes(4).toString('hex')}`;
    writeFileSync(file, `${name}\n`);
    return name;
  }
}
