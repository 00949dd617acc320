import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { Refusal } from '../core/problem.ts';
import { decodeText } from '../io/decode-text.ts';

/** The process's environment, `.env`, and the folder `secrets`. Nothing else reads them. */
export interface Environment {
  /**
   * Undefined if it is not set. `NAME_FILE` names a file that contains the value; without it
   * `secrets/name` does, where that is not empty. Throws a Refusal where both are set, or
   * where the file cannot be read.
   */
  read(name: string): { value: string; from: string } | undefined;
}

export function openEnvironment(
  folder: string,
  process_: NodeJS.ProcessEnv = process.env,
  { hasFile = true }: { hasFile?: boolean } = {},
): Environment {
  const file = hasFile ? readDotEnv(`${folder}/.env`) : {};
  return {
    read(name) {
      const plain = lookUp(name, process_, file);
      const named = lookUp(`${name}_FILE`, process_, file);
      if (plain && named)
        throw new Refusal(`${name} and ${name}_FILE are both set: keep one of them`);
      if (!named) return plain ?? (hasFile ? readSecret(folder, name) : undefined);
      return {
        value: readNamed(name, named.value).replace(/\r?\n$/, ''),
        from: `the file ${named.value} (${name}_FILE)`,
      };
    },
  };
}

/** A value in .env or in the environment stands before it. */
function readSecret(folder: string, name: string) {
  const file = `secrets/${name.toLowerCase()}`;
  const path = `${folder}/${file}`;
  if (!existsSync(path)) return undefined;
  const value = readNamed(name, path).replace(/\r?\n$/, '');
  return value === '' ? undefined : { value, from: `the file ${file}` };
}

function lookUp(name: string, process_: NodeJS.ProcessEnv, file: NodeJS.Dict<string>) {
  const [own, written] = [process_[name], file[name]];
  if (own !== undefined && own !== '') return { value: own, from: `the environment (${name})` };
  return written === undefined || written === ''
    ? undefined
    : { value: written, from: `.env (${name})` };
}

function readNamed(name: string, file: string): string {
  try {
    return textOf(readFileSync(file), `${name}_FILE: ${file}`);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const { code = 'error' } = error as NodeJS.ErrnoException;
    const what = `${name}_FILE: ${file} cannot be read (${code})`;
    throw new Refusal(`${what}: does it exist, and may Dripline read it?`);
  }
}

function readDotEnv(file: string): NodeJS.Dict<string> {
  try {
    return parseEnv(textOf(readFileSync(file), '.env'));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const { code = 'error' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new Refusal(`.env cannot be read (${code}): fix its permissions, or remove it`);
  }
}

/** A byte order mark would become part of the first name or of the value. */
function textOf(bytes: Buffer, what: string): string {
  const text = decodeText(bytes);
  if (typeof text === 'string') return text.replace(/^\uFEFF/, '');
  const place = `line ${text.line}, column ${text.column}`;
  throw new Refusal(`${what} is not UTF-8 text (${place}): save the file as UTF-8`);
}
