import { countsOf } from '../../core/people/condition/counts-in.ts';
import { stepNameOf } from '../../core/people/condition/judge-person.ts';
import type { Sequence, Step } from '../../core/people/sequence.ts';
import {
  hintForVariable,
  isStepVariable,
  splitVariable,
  stepVariable,
} from '../../core/people/step-variables.ts';
import { errorAt, noteAt, type Problem } from '../../core/problem.ts';
import { toPlainText } from '../../io/markdown/markdown.ts';

/** Variables without which each message of the step would be held, whoever it is for. */
export function findHoles(step: Step): Problem[] {
  const { subject = '', preview = '', link = '' } = step;
  const texts = [subject, preview, link, toPlainText(step.text).text];
  const told = new Map<string, Problem>();
  for (const [, inside = ''] of texts.join('\n').matchAll(stepVariable)) {
    const { name, fallback } = splitVariable(inside);
    const [what, hint] = whyHole(step, name, fallback) ?? [];
    if (what !== undefined && hint !== undefined) told.set(what, errorAt(step.file, what, hint));
  }
  return [...told.values()];
}

type Told = [what: string, hint: string];

function whyHole(step: Step, name: string, fallback: string | undefined): Told | undefined {
  const shown = `{{${name.slice(0, 60)}}}`;
  if (!isStepVariable(name)) return [`there is no variable ${shown}`, hintForVariable(name)];
  if (fallback?.trim()) return undefined;
  const key = name.startsWith('params.') ? name.slice('params.'.length) : undefined;
  if (key !== undefined && !(Object.hasOwn(step.params, key) && step.params[key]))
    return [`${shown} has no value`, 'set it under params of this file, or write a fallback'];
  if (name === 'coupon' && step.coupon === undefined)
    return [`${shown} has no value`, 'name a file of coupons/ with coupon:, or write a fallback'];
  if (name === 'link' && step.link === undefined)
    return [`${shown} has no value`, 'write its address as link: into the front matter'];
  return undefined;
}

/** Clicks on what is neither a step nor an address: nobody ever has one. */
export function findLostClicks(sequence: Sequence): Problem[] {
  const known = new Set(sequence.steps.map(({ id }) => id));
  return countsOf(sequence).flatMap(({ of, like, file }) => {
    if (of !== 'clicked' || like === undefined) return [];
    if (known.has(stepNameOf(like)) || /[/*]/.test(like)) return [];
    const what = `asks for clicked("${like.slice(0, 60)}"), which is no step of this sequence`;
    return [noteAt(file, what, `write one of ${[...known].join(', ')}, or an address`)];
  });
}
