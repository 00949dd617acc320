/** For surfaces with an Undo button beside the reply: the text without its hint to type `undo`. */
export const withoutUndoHint = (text: string): string =>
  text.replace(/\s*[^.\n]*`[^`\n]*undo`[^.\n]*\.?$/, '');
