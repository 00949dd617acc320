import { setImmediate as nextTurn } from 'node:timers/promises';
import Pdf from 'pdfkit';
import type { Letter } from '../../core/people/letters/letter.ts';
import type { Instant } from '../../core/time.ts';
import { faces, type Fonts, openFonts } from '../letter-fonts.ts';
import { drawLetter } from './draw-letter.ts';

interface Batch {
  title: string;
  /** Goes into the file: the same letters give the same bytes. */
  at: Instant;
  pictureOf(digest: string): string;
}

function openDocument(fonts: Fonts, { title, at }: Omit<Batch, 'pictureOf'>): PDFKit.PDFDocument {
  const document = new Pdf({
    autoFirstPage: false,
    // Else a standard font is registered, which loses characters without a word.
    font: null as unknown as string,
    info: { Title: title, Producer: 'Dripline', Creator: 'Dripline', CreationDate: new Date(at) },
  });
  for (const face of faces) document.registerFont(face, fonts.bytes[face]);
  return document;
}

/** One file, a page for each letter. */
export async function drawBatch(batch: Batch, letters: readonly Letter[]): Promise<Buffer> {
  const fonts = await openFonts();
  const document = openDocument(fonts, batch);
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', resolve);
    document.on('error', reject);
  });
  const { pictureOf } = batch;
  for (const letter of letters) {
    drawLetter({ document, fonts, pictureOf }, letter);
    // Others get a turn: a page takes some milliseconds.
    await nextTurn();
  }
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

/** To read four fonts takes longer than to draw a page. */
const pagesOfOne = 100;

/** Tells whether letters fit on their pages, by drawing them on paper that is thrown away. */
export function openMeasure(pictureOf: Batch['pictureOf']): (letter: Letter) => Promise<boolean> {
  let pages = 0;
  let document: PDFKit.PDFDocument | undefined;
  return async (letter) => {
    const fonts = await openFonts();
    if (!document || pages >= pagesOfOne) {
      document = openDocument(fonts, { title: '', at: 0 });
      document.resume();
      pages = 0;
    }
    pages += 1;
    return drawLetter({ document, fonts, pictureOf }, letter);
  };
}
