import { createHash } from 'node:crypto';
import { basename } from 'node:path/posix';
import type { Step } from '../../core/people/sequence.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { errorAt, type Problem } from '../../core/problem.ts';
import { parseYaml } from '../../io/yaml.ts';
import { toProblems } from '../../io/yaml-problems.ts';
import { splitFile } from '../folder/split-file.ts';
import { keysOf, stepFile } from './sequence-schema.ts';

export interface StepText {
  /** What messages call it: `posts/welcome/020-first-steps.md`. */
  file: string;
  text: string;
}

export type ReadStep = { step: Step; isDraft: boolean } | { problems: Problem[] };

/** The file's name without its number and its ending. */
export const stepIdOf = (file: string): string =>
  basename(file)
    .replace(/\.(md|markdown)$/i, '')
    .replace(/^\d+[-_. ]+/, '')
    .toLowerCase();

export function readStep({ file, text }: StepText): ReadStep {
  const split = splitFile(text, file);
  if ('what' in split) return { problems: [split] };
  const yaml = parseYaml(split.front ?? '', { file, firstLine: split.frontLine, isText });
  if (yaml.problems.length > 0) return { problems: yaml.problems };
  const parsed = stepFile.safeParse(yaml.value ?? {});
  if (!parsed.success) return { problems: toProblems(parsed.error, yaml, keysOf(stepFile)) };
  const id = stepIdOf(file);
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(id)) {
    const hint = 'use letters, digits and hyphens, such as 020-first-steps.md';
    return { problems: [errorAt(file, `has a name that no step can have ("${id}")`, hint)] };
  }
  const { draft = false, wait = 0, title: _title, params = {}, ...rest } = parsed.data;
  const said = { ...rest, wait, params, body: split.body };
  const hash = createHash('sha256').update(JSON.stringify(said)).digest('hex');
  const step: Step = pickDefined({
    ...rest,
    id,
    file,
    hash,
    waitFor: wait,
    params,
    text: split.body.trim(),
  });
  return { step, isDraft: draft };
}

/** Numbers and truths apart, what is written stays as it is written. */
const isText = (path: readonly string[]) => !['draft', 'handOver'].includes(path[0] ?? '');
