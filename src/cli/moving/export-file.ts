import { createWriteStream, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Config } from '../../config/config.ts';
import { Refusal } from '../../core/problem.ts';
import { exportLines } from '../../flow/moving/export-store.ts';
import { writeWhole } from '../../io/files/atomic-file.ts';
import { openScrubber, toPrintableJson } from '../../io/scrub.ts';
import type { Store } from '../../ports/store.ts';

/** A copy over the store itself, or over its lock, would destroy the store. Throws a Refusal. */
export function toNewFile(config: Config, folder: string, name = ''): string {
  const file = resolve(folder, name);
  if (dirname(file) === resolve(config.folders.data))
    throw new Refusal(`${file} is in the data folder itself: name a file in another folder`);
  if (existsSync(file))
    throw new Refusal(`${file} exists already: name another file, or remove this one first`);
  return file;
}

/** Without secrets, whatever has got into the store. */
export function safeLines(store: Store, { secrets }: Pick<Config, 'secrets'>) {
  const scrub = openScrubber(secrets);
  return exportLines(store, (json) => toPrintableJson(scrub(json)));
}

export const writeExport = (store: Store, config: Config, file: string): Promise<void> =>
  writeWhole(file, (temporary) =>
    pipeline(Readable.from(safeLines(store, config)), createWriteStream(temporary)),
  );
