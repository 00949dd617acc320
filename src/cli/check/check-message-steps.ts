import type { Config } from '../../config/config.ts';
import { limitsFor, traitsOf } from '../../core/network/traits-of.ts';
import type { Sequence, Step } from '../../core/people/sequence.ts';
import { splitVariable, stepVariable } from '../../core/people/step-variables.ts';
import { errorAt, type Problem } from '../../core/problem.ts';
import { fits } from '../../core/text/length.ts';
import { toPlainText } from '../../io/markdown/markdown.ts';

/** Stands for what is not known before somebody gets it. */
const someName = 'abcdefghijklmno';
const someLink = 'https://go.example.com/l/0123456789abcdef';

/** What is too long for a network on which somebody may be answered: it would be held. */
export function checkMessages({ file, by, steps }: Sequence, { accounts }: Config): Problem[] {
  const own = steps.filter((step) => (step.by ?? by).includes('message'));
  if (own.length === 0) return [];
  if (accounts.length === 0) {
    const hint = 'connect an account on a network, or use by: mail';
    return [errorAt(file, 'is sent by message, and there is no account to send from', hint)];
  }
  return own.flatMap((step) => tooLong(step, accounts));
}

function tooLong({ file, text }: Step, accounts: Config['accounts']): Problem[] {
  const plain = toPlainText(text).text.replaceAll(stepVariable, (_, inside: string) => {
    const { name, fallback } = splitVariable(inside);
    if (name === 'link' || name === 'unsubscribe') return someLink;
    return fallback?.trim() || someName;
  });
  const told = accounts.flatMap((account) => {
    const shown = traitsOf(account.network).answersByName ? `@${someName} ${plain}` : plain;
    const { length, max, ok } = fits(shown, limitsFor(account).text);
    return ok ? [] : [{ account: account.name, length, max }];
  });
  const [worst] = told.toSorted((a, b) => a.max - b.max);
  if (!worst) return [];
  const what = `has about ${worst.length} characters as a message, and ${worst.account} takes`;
  return [errorAt(file, `${what} ${worst.max}`, 'shorten it, or link to the rest')];
}
