import { Refusal } from '../core/problem.ts';
import { openScrubber, toPrintable, toPrintableJson } from '../io/scrub.ts';
import { StoreError } from '../ports/store.ts';

/** Writes for a person, or for another tool. Known secrets are never written. */
export interface Terminal {
  isJson: boolean;
  canAsk: boolean;
  print(text: string, json: unknown): void;
  ask(question: string): Promise<string>;
}

export function openTerminal({
  isJson,
  secrets,
}: {
  isJson: boolean;
  secrets: readonly string[];
}): Terminal {
  const scrub = openScrubber(secrets);
  return {
    isJson,
    canAsk: process.stdin.isTTY === true && !isJson,
    print: (text, json) =>
      process.stdout.write(
        isJson
          ? `${toPrintableJson(scrub(JSON.stringify(json, undefined, 2)))}\n`
          : toPrintable(scrub(`${text}\n`)),
      ),
    async ask(question) {
      const { createInterface } = await import('node:readline/promises');
      const reader = createInterface({ input: process.stdin, output: process.stdout });
      // Ctrl-C and Ctrl-D are answers too.
      const left = new Promise<undefined>((resolve) => {
        reader.once('close', () => resolve(undefined));
      });
      const answer = await Promise.race([
        reader.question(toPrintable(question)).catch(() => undefined),
        left,
      ]);
      reader.close();
      if (answer === undefined) throw new Refusal('Not done.');
      return answer;
    },
  };
}

/** A sentence about what went wrong, with a stack trace only if it is Dripline's own bug. */
export function explain(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (error instanceof StoreError) return error.message;
  return error instanceof Error
    ? `unexpected error, which is a bug in Dripline: ${error.stack ?? error.message}`
    : String(error);
}
