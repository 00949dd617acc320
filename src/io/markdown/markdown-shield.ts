import { literalBraces } from '../../core/post/fill-in.ts';

/** Stands where something without words was taken out: a picture, a comment. */
export const gap = '\uE003';
const ours = /[\uE000-\uE003]/g;
/** What stands for something kept. */
export const marker = /\uE000(\d+)\uE001/g;

export interface Shield {
  /** The source as Markdown may read it. */
  text: string;
  restore(plain: string): string;
  /** What stands for a text that nothing is read into any more. */
  keep(text: string): string;
  /** Code is kept as it is written. */
  keepCode(code: string): string;
}

interface Kept {
  raw: string;
  shown: string;
}

/**
 * Keeps Markdown from reading hashtags at a line's start, `{{variables}}`, addresses and names with
 * underscores as its own syntax: authors of posts do not mean it. What has a backslash before it
 * is kept too, so that no mark is made of it afterwards.
 */
export function shield(source: string): Shield {
  const kept: Kept[] = [];
  const keepAs = (raw: string, shown: string) => `\uE000${kept.push({ raw, shown }) - 1}\uE001`;
  const keep = (raw: string) => keepAs(raw, raw);
  const text = source
    .replaceAll(ours, '')
    .replaceAll(/\\(?:\{\\?\{|[!-/:-@[-_{-~])/g, (raw) =>
      keepAs(raw, raw.length > 2 ? literalBraces : raw.slice(1)),
    )
    .replaceAll(/\{\{[<%][^{}\n]*\}\}/g, (raw) => keepAs(raw, literalBraces + raw.slice(2)))
    .replaceAll(/\{\{[^{}\n]*\}\}/g, keep)
    .replaceAll(/\[\^[^\][\s]{1,100}\]:?/g, keep)
    .replaceAll(
      /^( {0,3}\[[^\][\n]{1,200}\]:[ \t]{0,20})(https?:\/\/[^\s<>]+)/gm,
      (_, head: string, target: string) => head + keep(target),
    )
    .replaceAll(/(?<![(<[\w])https?:\/\/[^\s<>)\]"]+/g, (found) => {
      const end = found.search(/[*_~'.,;:!?]{1,20}$/);
      return end < 0 ? keep(found) : keep(found.slice(0, end)) + found.slice(end);
    })
    .replaceAll(/(?<![\w/&])[@#][\p{L}\p{N}_]+(?:[.@-][\p{L}\p{N}_.-]*[\p{L}\p{N}_])?/gu, keep);
  // What was kept may hold what was kept before it.
  const undo = (plain: string, how: keyof Kept, below = kept.length): string =>
    plain.replaceAll(marker, (_, i: string) =>
      Number(i) < below ? undo(kept[Number(i)]?.[how] ?? '', how, Number(i)) : '',
    );
  const keepCode = (code: string) => keep(undo(code, 'raw').replaceAll('{{', literalBraces));
  return { text, restore: (plain) => undo(plain, 'shown'), keep, keepCode };
}

const dense = String.raw`[\p{L}&&[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]]`;
const closing = String.raw`[\p{Pe}\p{Pf}]`;
/** Behind a letter of such a script; a lone star there is a mark of a footnote. */
const quoted = new RegExp(
  String.raw`(?<=${dense})\*((?=[\p{Ps}\p{Pi}])[^*\n]{1,2000}(?<=${closing}[。！？]?))\*(?!\*)`,
  'gv',
);
/** Before one. */
const bracketed = new RegExp(
  String.raw`(?<=^|[[\s\p{P}]--[*]])\*((?=[^\s*])[^*\n]{1,2000}(?<=${closing}))\*(?=${dense})`,
  'gv',
);

/**
 * Emphasis that CommonMark does not see (beside the signs of Chinese, Japanese and Korean texts),
 * strike-through, and the blanks around what was taken out.
 */
export const cleanText = (text: string): string =>
  text
    .replaceAll(/\*\*(?=[^\s*])([^*\n]*)\*\*/g, '$1')
    .replaceAll(quoted, '$1')
    .replaceAll(bracketed, '$1')
    .replaceAll(/~~(?=[^\s~])([^~\n]*)~~/g, '$1')
    .replaceAll(/ {0,9}\uE003[ \uE003]{0,99}/g, (found, at: number, whole: string) => {
      const [before, after] = [whole[at - 1] ?? '\n', whole[at + found.length] ?? '\n'];
      const isEdge = before === '\n' || /[\n.,;:!?)\]]/.test(after);
      return isEdge || !found.includes(' ') ? '' : ' ';
    });
