import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { Refusal } from '../core/problem.ts';

/** The process's environment over `.env`; the only reader of either. */
export interface Environment {
  /**
   * Undefined when it is not set; `NAME_FILE` names a file that holds it. Refused: both at once, a
   * file that cannot be read.
   */
  read(name: string): { value: string; from: string } | undefined;
}

export function openEnvironment(
  folder: string,
  process_: NodeJS.ProcessEnv = process.env,
): Environment {
  const file = readDotEnv(`${folder}/.env`);
  return {
    read(name) {
      const plain = lookUp(name, process_, file);
      const named = lookUp(`${name}_FILE`, process_, file);
      if (plain && named)
        throw new Refusal(`${name} and ${name}_FILE are both set: keep one of them`);
      if (!named) return plain;
      try {
        return {
          value: readFileSync(named.value, 'utf8').replace(/\r?\n$/, ''),
          from: `the file ${named.value} (${name}_FILE)`,
        };
      } catch (error) {
        throw new Refusal(
          `${name}_FILE: ${named.value} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}): does it exist, and may Dripline read it?`,
        );
      }
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

function readDotEnv(file: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Refusal(
      `.env cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}): mend its rights or remove it`,
    );
  }
}
