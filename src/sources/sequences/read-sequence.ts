import { createHash } from 'node:crypto';
import type { Medium } from '../../core/people/person.ts';
import type { Sequence, Start, Step } from '../../core/people/sequence.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { errorAt, hasErrors, noteAt, type Problem } from '../../core/problem.ts';
import { weekdays } from '../../core/time.ts';
import { parseYaml } from '../../io/yaml.ts';
import { toProblems } from '../../io/yaml-problems.ts';
import { findHoles, findLostClicks } from './check-steps.ts';
import { readStep, type StepText } from './read-step.ts';
import { keysOf, sequenceFile, type SequenceFile } from './sequence-schema.ts';

export interface SequenceTexts {
  /** The folder's name. */
  id: string;
  /** What messages call its `_sequence.yaml`. */
  file: string;
  text: string;
  /** In the order of their names. */
  steps: StepText[];
}

export interface ReadSequence {
  /** Absent: it has errors, and whoever is in it stays where he is. */
  sequence?: Sequence;
  problems: Problem[];
}

export function readSequence({ id, file, text, steps: texts }: SequenceTexts): ReadSequence {
  const yaml = parseYaml(text, { file, isText: () => true });
  const parsed = sequenceFile.safeParse(yaml.value ?? {});
  const problems = [...yaml.problems];
  if (!parsed.success && problems.length === 0)
    problems.push(...toProblems(parsed.error, yaml, keysOf(sequenceFile)));
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(id))
    problems.push(
      errorAt(file, `is in a folder whose name no sequence can have ("${id}")`, nameHint),
    );
  const steps: Step[] = [];
  for (const one of texts) {
    const read = readStep(one);
    if ('problems' in read) problems.push(...read.problems);
    else if (!read.isDraft) steps.push(read.step);
  }
  problems.push(...findTwice(steps));
  if (!parsed.success || hasErrors(problems)) return { problems };
  const sequence = toSequence(parsed.data, { id, file, steps, text });
  problems.push(...checkSequence(sequence));
  return hasErrors(problems) ? { problems } : { sequence, problems };
}

const nameHint = 'use lower-case letters, digits and hyphens, such as welcome';

function findTwice(steps: readonly Step[]): Problem[] {
  const seen = new Map<string, Step>();
  return steps.flatMap((step) => {
    const other = seen.get(step.id);
    seen.set(step.id, other ?? step);
    if (!other) return [];
    const what = `is the step "${step.id}", as ${other.file} is`;
    return [errorAt(step.file, what, 'give one of them another name: numbers do not count')];
  });
}

interface Parts {
  id: string;
  file: string;
  text: string;
  steps: Step[];
}

function toSequence(value: SequenceFile, { id, file, text, steps }: Parts): Sequence {
  const { timing = {}, holdout = 0, by = ['mail'], clicks = 'counted', link, ...more } = value;
  const { start, ...rest } = more;
  const hash = createHash('sha256')
    .update(text)
    .update(steps.map((step) => step.hash).join())
    .digest('hex');
  return pickDefined({
    ...rest,
    id,
    title: rest.title ?? id,
    file,
    hash,
    start: start.map(toStart),
    holdout,
    timing: {
      windows: timing.windows?.flat() ?? [{ from: 0, to: 1440 }],
      days: timing.days ?? weekdays,
    },
    by: by as Medium[],
    clicks,
    steps: steps.map((step) => withLink(step, link)),
  });
}

/** A step without a link has the one of its sequence. */
const withLink = (step: Step, link: string | undefined): Step =>
  step.link !== undefined || link === undefined ? step : { ...step, link, isLinkShared: true };

function toStart({ form, reply, event = '', wait = 0 }: SequenceFile['start'][number]): Start {
  if (form !== undefined) return { by: 'form', form, waitFor: wait };
  if (reply !== undefined) return { by: 'reply', word: reply, waitFor: wait };
  return { by: 'event', event, waitFor: wait };
}

/** What is well written and would still go wrong. */
function checkSequence(sequence: Sequence): Problem[] {
  const { file, steps, by } = sequence;
  if (steps.length === 0)
    return [errorAt(file, 'has no steps', 'put a Markdown file for each message beside it')];
  const isMail = (step: Step) => (step.by ?? by).includes('mail');
  const ofSteps = steps.flatMap((step) => [
    ...findHoles(step),
    ...(isMail(step) && !step.subject?.trim()
      ? [errorAt(step.file, 'has no subject', 'write subject: into its front matter')]
      : []),
    ...(step.text === '' ? [errorAt(step.file, 'has no text', 'write the message')] : []),
    ...(/^(draft|todo|wip)\b/i.test(step.text)
      ? [noteAt(step.file, 'looks unfinished', 'write draft: true into it until it is ready')]
      : []),
  ]);
  return [...ofSteps, ...findLostClicks(sequence)];
}
