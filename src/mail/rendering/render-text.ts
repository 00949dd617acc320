import type { Step } from '../../core/people/sequence.ts';
import { literalBraces } from '../../core/post/fill-in.ts';
import { errorAt, type Problem } from '../../core/problem.ts';
import { serialize } from '../../io/markdown/markdown.ts';
import { type CountLink, fillTree, withStepLink } from './mail-tree.ts';
import type { Complain, Values } from './variables.ts';

export interface TextInput {
  step: Pick<Step, 'file' | 'text' | 'params' | 'link'>;
  fields: Record<string, string>;
  coupon?: string | undefined;
  countLink: CountLink;
}

/** A step as plain text, such as a network takes; or what has to be put right first. */
export function renderText(input: TextInput): { text: string } | { problems: Problem[] } {
  const { step, fields, coupon, countLink } = input;
  const problems: Problem[] = [];
  const complain: Complain = (what, hint) => {
    if (!problems.some((one) => one.what === what)) problems.push(errorAt(step.file, what, hint));
  };
  const plain: Values = { fields, params: step.params, coupon, urls: {} };
  const values = withStepLink(step.link, { values: plain, complain, countLink });
  const text = serialize(fillTree(step.text, { values, complain, countLink }));
  if (problems.length === 0 && text.trim() === '')
    complain('the message has no text', 'write one below the front matter');
  return problems.length > 0 ? { problems } : { text: text.replaceAll(literalBraces, '{{') };
}
