import type { SpinnerResult } from '@clack/prompts';
import { pickDefined } from '../../core/pick-defined.ts';
import { Refusal } from '../../core/problem.ts';

/** The person stopped the questions. */
export class GivenUp extends Refusal {}

interface Question {
  message: string;
  /** Why an answer is not accepted. The question is asked again then. */
  whyNot?: ((answer: string) => string | undefined) | undefined;
}

export interface Option<T extends string> {
  value: T;
  label: string;
  hint?: string;
}

/** Asks a person, or a script in tests. Giving up throws a Refusal. */
export interface Asker {
  say(text: string, title?: string): void;
  /** Enter alone answers `initial`, or the empty text. */
  text(question: Question & { initial?: string; placeholder?: string }): Promise<string>;
  secret(question: Question): Promise<string>;
  choose<T extends string>(message: string, options: Option<T>[]): Promise<T>;
  chooseMany<T extends string>(message: string, options: Option<T>[], initial: T[]): Promise<T[]>;
  confirm(message: string, initial: boolean): Promise<boolean>;
  /** Shows progress, and then the result. */
  wait<T>(message: string, work: Promise<T>, told: (result: T) => string): Promise<T>;
}

type Prompts = typeof import('@clack/prompts');

/** Asks a person in a terminal. */
export async function openPromptAsker(): Promise<Asker> {
  const prompts = await import('@clack/prompts');
  const { confirm, log, multiselect, note, select } = prompts;
  const answered = <T>(answer: T | symbol): T => {
    if (!prompts.isCancel(answer)) return answer as T;
    prompts.cancel('Stopped.');
    throw new GivenUp('Not done.');
  };
  return {
    say: (what, title) => (title === undefined ? log.message(what) : note(what, title)),
    text: async (question) =>
      answered<string | undefined>(await askText(prompts, question))?.trim() ??
      question.initial ??
      '',
    secret: async ({ message, whyNot }) =>
      (
        answered<string | undefined>(
          await prompts.password({ message, validate: checking(whyNot) }),
        ) ?? ''
      ).trim(),
    choose: async (message, options) =>
      answered(await select<string>({ message, options })) as never,
    chooseMany: async (message, options, initialValues) =>
      answered(
        await multiselect<string>({ message, options, initialValues, required: true }),
      ) as never,
    confirm: async (message, initialValue) =>
      answered<boolean>(await confirm({ message, initialValue })),
    wait: (message, work, told) => showWait(prompts.spinner(), message, withText(work, told)),
  };
}

const checking =
  (whyNot: Question['whyNot']) =>
  (answer: string | undefined): string | undefined =>
    whyNot?.((answer ?? '').trim());

function askText(
  { text }: Prompts,
  { message, initial, placeholder = initial, whyNot }: Parameters<Asker['text']>[0],
): Promise<string | symbol | undefined> {
  const validate = checking((answer) =>
    answer === '' && initial !== undefined ? undefined : whyNot?.(answer),
  );
  return text(pickDefined({ message, validate, defaultValue: initial, placeholder }));
}

const withText = async <T>(work: Promise<T>, told: (result: T) => string) => {
  const result = await work;
  return { result, text: told(result) };
};

async function showWait<T>(
  turning: SpinnerResult,
  message: string,
  work: Promise<{ result: T; text: string }>,
): Promise<T> {
  turning.start(message);
  try {
    const { result, text } = await work;
    turning.stop(text);
    return result;
  } catch (error) {
    turning.stop(message);
    throw error;
  }
}
