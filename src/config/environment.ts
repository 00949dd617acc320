import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { Refusal } from '../core/problem.ts';
import { decodeText } from '../io/decode-text.ts';

/** The process's environment, then `.env`. Nothing else reads either. */
export interface Environment {
  /**
   * Undefined if it is not set. `NAME_FILE` names a file that contains the value. Throws a Refusal
   * if both are set, or if the file cannot be read.
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
      if (!named) return plain;
      return {
        value: readNamed(name, named.value).replace(/\r?\n$/, ''),
        from: `the file ${named.value} (${name}_FILE)`,
      };
    },
  };
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
