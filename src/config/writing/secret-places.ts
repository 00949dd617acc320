import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { Refusal } from '../../core/problem.ts';

/** The values of .env, without empty ones. */
export function readDotEnv(folder: string): Map<string, string> {
  const file = join(folder, '.env');
  if (!existsSync(file)) return new Map();
  return new Map(
    Object.entries(parseEnv(readFileSync(file, 'utf8'))).flatMap(
      ([name, value]): [string, string][] => (value ? [[name, value]] : []),
    ),
  );
}

/** Where a container has no .env, its folder `secrets` takes one file for each value. */
export const placeOfSecrets = (folder: string): string =>
  !existsSync(join(folder, '.env')) && existsSync(join(folder, 'secrets')) ? 'secrets/' : '.env';

/** Refuses where init could not write down what it asks for. */
export function assertWritable(folder: string): void {
  for (const place of ['config', placeOfSecrets(folder) === '.env' ? '.' : 'secrets'])
    if (!mayWrite(join(folder, place)))
      throw new Refusal(
        `nothing can be written in ${join(folder, place)}: give the user of Dripline leave to ` +
          'write there. In a container, mount the folders config and secrets, and run init as ' +
          'their owner: see docs/docker.md',
      );
}

export function mayWrite(path: string): boolean {
  try {
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Existing values stay. Only the owner may read what is written. */
export function writeSecrets(folder: string, values: ReadonlyMap<string, string>): void {
  if (placeOfSecrets(folder) === '.env') return writeDotEnv(folder, values);
  for (const [name, value] of values) {
    const file = join(folder, 'secrets', name.toLowerCase());
    if (value === '' && existsSync(file)) continue;
    writeFileSync(`${file}.part`, value === '' ? '' : `${value}\n`, { mode: 0o600 });
    renameSync(`${file}.part`, file);
  }
}

/** Keeps existing lines and adds new ones at the end. Only the owner may read the file. */
function writeDotEnv(folder: string, values: ReadonlyMap<string, string>): void {
  const named = join(folder, '.env');
  // A symbolic link stays a link.
  const file = existsSync(named) ? realpathSync(named) : named;
  let text = existsSync(file)
    ? readFileSync(file, 'utf8')
    : '# Credentials for Dripline. Keep this file to yourself.\n';
  for (const [name, value] of values) {
    const line = `${name}=${quote(value)}`;
    const there = new RegExp(`^(export[ \\t]+)?${name}[ \\t]*=.*$`, 'm');
    text = there.test(text)
      ? text.replace(there, () => line)
      : `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;
  }
  const aside = `${file}.part`;
  writeFileSync(aside, text, { mode: 0o600 });
  chmodSync(aside, 0o600);
  renameSync(aside, file);
}

function quote(value: string): string {
  if (/^[\w@%+=:,./-]*$/.test(value)) return value;
  const mark = ["'", '`', '"'].find((one) => !value.includes(one));
  if (mark === undefined)
    throw new Refusal(
      'a value that contains all of \' " ` cannot be written to .env: write it to a file, and ' +
        'set the variable NAME_FILE to the path of that file',
    );
  return `${mark}${value}${mark}`;
}
