import type { Asker } from '../../src/cli/init/init-prompts.ts';

/** Answers, in turn: a text, a list, yes or no. A function looks at the question first. */
export type Line = string | string[] | boolean;

export interface ScriptedAsker extends Asker {
  /** Everything that was shown and asked, with the answers that were not taken. */
  log: string[];
  /** Answers that nobody asked for. */
  left(): Line[];
}

/** Says its lines in order, and fails at a question of another kind than its next line. */
export function openScriptedAsker(script: [asked: RegExp, answer: Line][]): ScriptedAsker {
  const log: string[] = [];
  const lines = [...script];
  const next = (message: string): Line => {
    const [asked, answer] = lines.shift() ?? [/nothing more/, ''];
    log.push(`? ${message}`);
    if (!asked.test(message))
      throw new Error(`asked "${message}", and the script has ${String(asked)}\n${log.join('\n')}`);
    return answer;
  };
  const textual = async (
    message: string,
    whyNot: ((answer: string) => string | undefined) | undefined,
    initial = '',
  ): Promise<string> => {
    for (;;) {
      const answer = String(next(message)) || initial;
      const why = whyNot?.(answer);
      if (why === undefined) return answer;
      log.push(`! ${why}`);
    }
  };
  return {
    log,
    left: () => lines.map(([, answer]) => answer),
    say: (text, title) => void log.push(title === undefined ? text : `${title}: ${text}`),
    text: ({ message, initial, whyNot }) => textual(message, whyNot, initial),
    secret: ({ message, whyNot }) => textual(message, whyNot),
    choose: async (message, options) => {
      const answer = next(message);
      const option = options.find(({ value }) => value === answer);
      if (!option)
        throw new Error(
          `"${String(answer)}" is none of ${options.map(({ value }) => value).join(', ')}`,
        );
      return option.value;
    },
    chooseMany: async (message) => next(message) as never,
    confirm: async (message) => next(message) === true,
    async wait(message, work, told) {
      const result = await work;
      log.push(`${message} … ${told(result)}`);
      return result;
    },
  };
}
