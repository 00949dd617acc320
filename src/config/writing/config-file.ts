import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Refusal } from '../../core/problem.ts';
import { editYaml } from '../../io/yaml-edit.ts';
import type { Environment } from '../environment.ts';
import { defaultFile } from '../load.ts';
import { toJsonSchema } from '../schema.ts';
import { type Answers, editConfig, newConfig } from './config-text.ts';

/** One file only is written, so the program has to read that one. */
export function whyNotOwnFile(folder: string, environment: Environment): string | undefined {
  const named = environment.read('DRIPLINE_CONFIG');
  if (!named || isSameFile(resolve(folder, named.value), resolve(folder, defaultFile)))
    return undefined;
  return `DRIPLINE_CONFIG names another configuration (${named.value}, in ${named.from})`;
}

export function assertOwnFile(folder: string, environment: Environment): void {
  const why = whyNotOwnFile(folder, environment);
  if (why !== undefined)
    throw new Refusal(`${why}, and init writes ${defaultFile}: unset it first`);
}

const isSameFile = (a: string, b: string) => a === b || real(a) === real(b);

const real = (file: string) => (existsSync(file) ? realpathSync(file) : file);

export function readIfThere(folder: string): string | undefined {
  const file = join(folder, defaultFile);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Keeps the previous file beside the new one. */
export function writeConfig(folder: string, answers: Answers, isForced: boolean): void {
  const file = join(folder, defaultFile);
  const before = readIfThere(folder);
  let text = newConfig(answers);
  if (before !== undefined) {
    const edit = editYaml(before, defaultFile);
    editConfig(edit, answers, isForced);
    text = edit.text();
    if (text !== before) writeFileSync(`${file}.old`, before);
  }
  mkdirSync(dirname(file), { recursive: true });
  copySchema(dirname(file));
  if (text === before) return;
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
}

/** For completion in editors. A checkout contains it already. */
function copySchema(folder: string) {
  const name = 'dripline.schema.json';
  const file = join(folder, name);
  if (!existsSync(file)) writeFileSync(file, `${JSON.stringify(toJsonSchema(), null, 2)}\n`);
}
