import { Refusal } from '../../core/problem.ts';

interface Question {
  message: string;
  /** Why an answer will not do; it is asked again then. */
  whyNot?: ((answer: string) => string | undefined) | undefined;
}

export interface Option<T extends string> {
  value: T;
  label: string;
  hint?: string;
}

/** Whoever answers: a person, or a script. Giving up is a Refusal. */
export interface Asker {
  say(text: string, title?: string): void;
  /** Enter alone is `initial`, or nothing. */
  text(question: Question & { initial?: string; placeholder?: string }): Promise<string>;
  secret(question: Question): Promise<string>;
  choose<T extends string>(message: string, options: Option<T>[]): Promise<T>;
  chooseMany<T extends string>(message: string, options: Option<T>[], initial: T[]): Promise<T[]>;
  confirm(message: string, initial: boolean): Promise<boolean>;
  /** Shows that something takes a while, and then what came of it. */
  wait<T>(message: string, work: Promise<T>, told: (result: T) => string): Promise<T>;
}

/** A person in front of a terminal. */
export async function openPromptAsker(): Promise<Asker> {
  const { cancel, confirm, isCancel, log, multiselect, note, password, select, spinner, text } =
    await import('@clack/prompts');
  const answered = <T>(answer: T | symbol): T => {
    if (!isCancel(answer)) return answer as T;
    cancel('Stopped.');
    throw new Refusal('Not done.');
  };
  const checking =
    (whyNot: Question['whyNot']) =>
    (answer: string | undefined): string | undefined =>
      whyNot?.((answer ?? '').trim());
  return {
    say: (what, title) => (title === undefined ? log.message(what) : note(what, title)),
    text: async ({ message, initial, placeholder, whyNot }) => {
      const given = await text({
        message,
        validate: checking((answer) =>
          answer === '' && initial !== undefined ? undefined : whyNot?.(answer),
        ),
        ...(initial === undefined ? {} : { defaultValue: initial, placeholder: initial }),
        ...(placeholder === undefined ? {} : { placeholder }),
      });
      return answered<string | undefined>(given)?.trim() ?? initial ?? '';
    },
    secret: async ({ message, whyNot }) =>
      (
        answered<string | undefined>(await password({ message, validate: checking(whyNot) })) ?? ''
      ).trim(),
    choose: async (message, options) =>
      answered(await select<string>({ message, options })) as never,
    chooseMany: async (message, options, initial) =>
      answered(
        await multiselect<string>({ message, options, initialValues: initial, required: true }),
      ) as never,
    confirm: async (message, initial) =>
      answered<boolean>(await confirm({ message, initialValue: initial })),
    async wait(message, work, told) {
      const turning = spinner();
      turning.start(message);
      try {
        const result = await work;
        turning.stop(told(result));
        return result;
      } catch (error) {
        turning.stop(message);
        throw error;
      }
    },
  };
}
