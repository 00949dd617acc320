import { commands } from '../commands/all-commands.ts';

/** A part of a text for a chat: only words of Dripline and whole addresses are more than text. */
export interface Piece {
  kind: 'text' | 'verb' | 'address';
  text: string;
}

const names = [...commands.map(({ name }) => name), 'help', 'check', 'serve'].join('|');
const pieceOf = new RegExp(
  `\`(?:/|/drip |dripline )?(?:${names})(?: [^\`\\n]{0,200})?\`` +
    `|https?://[^\\s<>]*[^\\s<>).,;:!?'"]`,
  'g',
);

/** Own verbs in backticks, and addresses; whatever else is written is shown as it is written. */
export function toPieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(pieceOf)) {
    pieces.push(
      { kind: 'text', text: text.slice(from, index) },
      found.startsWith('`')
        ? { kind: 'verb', text: found.slice(1, -1) }
        : { kind: 'address', text: found },
    );
    from = index + found.length;
  }
  pieces.push({ kind: 'text', text: text.slice(from) });
  return pieces.filter((one) => one.text !== '');
}

/** Several lines with columns are a table. */
export const isTable = (text: string): boolean =>
  text.split('\n').filter((line) => /\S {2,}\S/.test(line) || /^ {2,}/.test(line)).length > 1;
