import qrcode from 'qrcode';
import type { Box } from '../../core/people/letters/letter-format.ts';

/** Four modules of white around it are part of the code. */
const quiet = 4;

/** Filled squares, so that every printer draws them sharp; undefined: it is too long for one. */
export function drawQr(document: PDFKit.PDFDocument, text: string, { x, y, width }: Box): void {
  const { modules } = qrcode.create(text, { errorCorrectionLevel: 'M' });
  const { size } = modules;
  const side = width / (size + 2 * quiet);
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column < size; column += 1)
      if (modules.get(row, column))
        document.rect(x + (column + quiet) * side, y + (row + quiet) * side, side, side);
  document.fill('#000000');
}
