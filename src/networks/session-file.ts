import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { pickDefined } from '../core/pick-defined.ts';

/**
 * A login that is kept over restarts. `service` and `login` say for whom it was made: another
 * configuration does not use it.
 */
export interface KeptSession {
  service: string;
  login: string;
  pdsUrl?: string;
  session: { did: string; handle: string; accessJwt: string; refreshJwt: string; active: boolean };
}

export interface SessionFile {
  read(): KeptSession | undefined;
  write(kept: KeptSession): void;
  remove(): void;
}

/**
 * `sessions/<account>.json` in the data folder, for its owner alone. Synchronous: the library does
 * not wait for it.
 */
export function openSessionFile(dataFolder: string, account: string): SessionFile {
  const folder = join(dataFolder, 'sessions');
  const file = join(folder, `${encodeURIComponent(account)}.json`);
  return {
    read() {
      try {
        return parseKept(JSON.parse(readFileSync(file, 'utf8')));
      } catch {
        // Not there, or damaged: a new login repairs both.
        return undefined;
      }
    },
    write(kept) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const aside = `${file}.${process.pid}.part`;
      rmSync(aside, { force: true });
      const handle = openSync(aside, 'wx', 0o600);
      try {
        writeSync(handle, JSON.stringify(kept));
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      renameSync(aside, file);
    },
    remove: () => rmSync(file, { force: true }),
  };
}

function parseKept(value: unknown): KeptSession | undefined {
  const { service, login, pdsUrl, session } = value as Partial<KeptSession>;
  const { did, handle, accessJwt, refreshJwt } = session ?? {};
  const texts = [service, login, did, handle, accessJwt, refreshJwt];
  if (!texts.every((text) => typeof text === 'string' && text !== '')) return undefined;
  const { pdsUrl: _pdsUrl, ...kept } = value as KeptSession;
  const isUrl = typeof pdsUrl === 'string' && URL.canParse(pdsUrl);
  return { ...kept, ...pickDefined({ pdsUrl: isUrl ? pdsUrl : undefined }) };
}
