import {
  type Box,
  type LetterSheet,
  letterSheets,
} from '../../core/people/letters/letter-format.ts';
import type { Block, Letter, Run } from '../../core/people/letters/letter.ts';
import type { Face, Fonts } from '../letter-fonts.ts';
import { letterWords } from '../letter-words.ts';
import { addressSize } from '../postal-lines.ts';
import { drawQr } from './draw-qr.ts';

type Document = PDFKit.PDFDocument;

export interface Drawing {
  document: Document;
  fonts: Fonts;
  /** Where the picture of a digest is. */
  pictureOf(digest: string): string;
}

const textSize = 10.5;
const leading = 1.4;
const small = 7;
const qrSide = 76;
const mostPictureHeight = 150;

/** Draws a page. True: all of the letter is on it. */
export function drawLetter(drawing: Drawing, letter: Letter): boolean {
  const { document, fonts } = drawing;
  const sheet = letterSheets[letter.format];
  document.addPage({ size: [sheet.width, sheet.height], margin: 0 });
  drawMarks(document, sheet);
  drawHead(document, { letter, sheet, fonts });
  const bottom = drawFoot(document, letter, sheet);
  const end = drawBody(drawing, letter, sheet.text);
  return end <= bottom;
}

function drawMarks(document: Document, { folds, hole }: LetterSheet): void {
  document.lineWidth(0.4).strokeColor('#999999');
  for (const y of folds) document.moveTo(11, y).lineTo(22, y).stroke();
  if (hole !== undefined) document.moveTo(11, hole).lineTo(28, hole).stroke();
}

/** Baselines are what a line of text stands on: `y` is the top of its letters. */
function put(document: Document, text: string, { x, y, size, face = 'regular' }: Put): void {
  document.font(face).fontSize(size).fillColor('#000000');
  document.text(text, x, y, { lineBreak: false });
}

interface Put {
  x: number;
  y: number;
  size: number;
  face?: Face;
}

interface Head {
  letter: Letter;
  sheet: LetterSheet;
  fonts: Fonts;
}

function drawHead(document: Document, { letter, sheet, fonts }: Head): void {
  const { sender, address, date } = sheet;
  const width = fonts.widthOf(letter.sender, small);
  const size = Math.max(6, Math.min(small, (small * sender.width) / Math.max(width, 1)));
  put(document, letter.sender, { x: sender.x, y: sender.y, size });
  const rule = sender.y + size * 1.35;
  document.lineWidth(0.3).strokeColor('#999999');
  document
    .moveTo(sender.x, rule)
    .lineTo(sender.x + sender.width, rule)
    .stroke();
  const own = addressSize(letter.address, letter.format, fonts) ?? 8;
  const step = Math.min(own * 1.3, address.height / sheet.mostLines);
  for (const [i, line] of letter.address.entries())
    put(document, line, { x: address.x, y: address.y + i * step, size: own });
  document.font('regular').fontSize(textSize).fillColor('#000000');
  document.text(letter.date, date.x, date.y, {
    width: date.width,
    align: 'right',
    lineBreak: false,
  });
}

/** Where the text has to end. */
function drawFoot(document: Document, letter: Letter, { text }: LetterSheet): number {
  const end = text.y + text.height;
  const top = end - letter.foot.length * small * 1.5;
  for (const [i, line] of letter.foot.entries()) {
    document.font('regular').fontSize(small).fillColor('#555555');
    document.text(line, text.x, top + i * small * 1.5, { width: text.width, lineBreak: false });
  }
  if (letter.link === undefined) return top - 8;
  const y = top - qrSide - 8;
  drawQr(document, letter.link, { x: text.x - 10, y, width: qrSide, height: qrSide });
  const x = text.x + qrSide;
  document.font('regular').fontSize(8.5).fillColor('#000000');
  document.text(letterWords(letter.lang).scan, x, y + 24, { lineBreak: false });
  document.text(letter.link, x, y + 38, { width: text.width - qrSide, height: 24, ellipsis: true });
  return y - 4;
}

const faceOf = ({ bold, italic }: Run): Face => {
  if (bold) return italic ? 'boldItalic' : 'bold';
  return italic ? 'italic' : 'regular';
};

/** Where it has ended. */
function drawBody(drawing: Drawing, letter: Letter, box: Box): number {
  let { y } = box;
  if (letter.subject !== undefined) {
    const runs = [{ text: letter.subject, bold: true as const }];
    y = drawRuns(drawing.document, runs, { ...box, y, size: 11.5 }) + 10;
  }
  for (const block of letter.blocks) y = drawBlock(drawing, block, { ...box, y });
  return y;
}

function drawBlock(drawing: Drawing, block: Block, box: Box): number {
  const { document } = drawing;
  switch (block.kind) {
    case 'heading': {
      const runs = block.runs.map((run) => ({ ...run, bold: true as const }));
      return drawRuns(document, runs, { ...box, y: box.y + 4, size: 12 }) + 5;
    }
    case 'paragraph':
      return drawRuns(document, block.runs, { ...box, size: textSize }) + 8;
    case 'code':
      return drawRuns(document, block.runs, { ...inset(box, 12), size: 9.5 }) + 8;
    case 'quote':
      return drawQuote(document, block.runs, box);
    case 'item': {
      const x = box.x + 6 + block.depth * 14;
      put(document, block.mark, { x, y: box.y, size: textSize });
      const indent = x - box.x + 16;
      return drawRuns(document, block.runs, { ...inset(box, indent), size: textSize }) + 4;
    }
    case 'rule':
      document.lineWidth(0.5).strokeColor('#999999');
      document
        .moveTo(box.x, box.y + 6)
        .lineTo(box.x + box.width, box.y + 6)
        .stroke();
      return box.y + 16;
    case 'picture':
      return drawPicture(drawing, block, box);
    default:
      return block satisfies never;
  }
}

const inset = (box: Box, by: number): Box => ({ ...box, x: box.x + by, width: box.width - by });

function drawQuote(document: Document, runs: Run[], box: Box): number {
  const end = drawRuns(document, runs, { ...inset(box, 12), size: textSize });
  document.lineWidth(1.5).strokeColor('#bbbbbb');
  document
    .moveTo(box.x + 3, box.y)
    .lineTo(box.x + 3, end)
    .stroke();
  return end + 8;
}

function drawPicture(
  { document, pictureOf }: Drawing,
  { digest, width, height }: Extract<Block, { kind: 'picture' }>,
  box: Box,
): number {
  const scale = Math.min(box.width / width, mostPictureHeight / height, 0.75);
  document.image(pictureOf(digest), box.x, box.y, { width: width * scale, height: height * scale });
  return box.y + height * scale + 10;
}

/** A paragraph of several looks; where it ends. */
function drawRuns(document: Document, runs: readonly Run[], box: Box & { size: number }): number {
  const { size } = box;
  document.fontSize(size).fillColor('#000000');
  const gap = size * leading - document.font('regular').currentLineHeight(true);
  const options = { width: box.width, lineGap: gap, height: Infinity };
  document.x = box.x;
  document.y = box.y;
  const last = runs.length - 1;
  for (const [i, run] of runs.entries()) {
    document.font(faceOf(run));
    const continued = i < last;
    if (i === 0) document.text(run.text, box.x, box.y, { ...options, continued });
    else document.text(run.text, { ...options, continued });
  }
  return document.y;
}
