let program = 'npx dripline';

/** Said once, by the program when it starts: what works in the place where it runs. */
export function setProgram(words: string): void {
  program = words;
}

/** How a person calls a verb here: `npx dripline resume`. */
export const ownCommand = (words: string): string => `${program} ${words}`;
