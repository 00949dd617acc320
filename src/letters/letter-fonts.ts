import { readFile } from 'node:fs/promises';
import { create, type Font } from 'fontkit';

export const faces = ['regular', 'bold', 'italic', 'boldItalic'] as const;
export type Face = (typeof faces)[number];

const files: Record<Face, string> = {
  regular: 'DejaVuSansCondensed.ttf',
  bold: 'DejaVuSansCondensed-Bold.ttf',
  italic: 'DejaVuSansCondensed-Oblique.ttf',
  boldItalic: 'DejaVuSansCondensed-BoldOblique.ttf',
};

export interface Fonts {
  bytes: Record<Face, Buffer>;
  /** Whether it can be printed in every face. */
  has(character: string): boolean;
  /** In points. */
  widthOf(text: string, size: number): number;
}

let opened: Promise<Fonts> | undefined;

/** Read once, and only when letters are made. */
export const openFonts = (): Promise<Fonts> => (opened ??= readFonts());

async function readFonts(): Promise<Fonts> {
  const folder = new URL('ttf/', import.meta.resolve('dejavu-fonts-ttf/package.json'));
  const read = (face: Face) => readFile(new URL(files[face], folder));
  const [regular, bold, italic, boldItalic] = await Promise.all(faces.map(read));
  if (!regular || !bold || !italic || !boldItalic) throw new Error('a font is missing');
  const bytes = { regular, bold, italic, boldItalic };
  const fonts = faces.map((face) => create(bytes[face]) as Font);
  const [first] = fonts;
  return {
    bytes,
    has: (character) =>
      fonts.every((font) => font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0)),
    widthOf: (text, size) =>
      first ? (first.layout(text).advanceWidth / first.unitsPerEm) * size : 0,
  };
}

/** They change how others look, and have no look of their own. */
const invisible = /[\u00AD\u200B-\u200F\u2028-\u202E\u2060-\u2064\uFEFF]|\p{Variation_Selector}/gu;

/** As it is printed: composed, and without what nobody can see. */
export const toPrinted = (text: string): string =>
  text
    .normalize('NFC')
    .replaceAll('\u202F', '\u00A0')
    .replaceAll(invisible, '')
    .replaceAll('\t', '    ');

const rightToLeft =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** What of a text cannot be printed, as it is named to people. */
export function whyUnprintable(text: string, fonts: Fonts): string | undefined {
  for (const character of text) {
    if (character === '\n') continue;
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    const named = `"${character}" (U+${code})`;
    if (rightToLeft.test(character)) return `${named} is written from right to left`;
    if (/\p{Cc}/u.test(character)) return `U+${code} is no character that can be printed`;
    if (!fonts.has(character)) return `${named} is not in the font`;
  }
  return undefined;
}
