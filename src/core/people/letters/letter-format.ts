/** Points: 72 to an inch. */
export type Points = number;
const mm = (value: number): Points => (value * 72) / 25.4;
const inch = (value: number): Points => value * 72;

export const letterFormats = ['din-b', 'din-a', 'us-10'] as const;
export type LetterFormat = (typeof letterFormats)[number];

export interface Box {
  x: Points;
  y: Points;
  width: Points;
  height: Points;
}

/** Where things are on the sheet, from its upper left corner. */
export interface LetterSheet {
  width: Points;
  height: Points;
  /** What can be read through the envelope. */
  window: Box;
  /** Within it: the recipient. */
  address: Box;
  /** Lines that fit into it. */
  mostLines: number;
  /** The line with the sender: above the address, or beside the window. */
  sender: Box;
  date: Box;
  /** The text and all that follows it. */
  text: Box;
  /** Small marks at the left edge, from the top. */
  folds: Points[];
  hole?: Points;
}

const a4 = { width: mm(210), height: mm(297) };

/** DIN 5008: the window is 85 × 45 mm, its upper 17.7 mm are the sender's. */
function din(top: number, { text, folds }: { text: number; folds: [number, number] }): LetterSheet {
  return {
    ...a4,
    window: { x: mm(20), y: mm(top), width: mm(85), height: mm(45) },
    address: { x: mm(25), y: mm(top + 17.7), width: mm(75), height: mm(27.3) },
    mostLines: 6,
    sender: { x: mm(25), y: mm(top + 12.7), width: mm(75), height: mm(4.5) },
    date: { x: mm(125), y: mm(top + 5), width: mm(65), height: mm(5) },
    text: { x: mm(25), y: mm(text), width: mm(165), height: mm(297 - text - 14) },
    folds: folds.map(mm),
    hole: mm(148.5),
  };
}

export const letterSheets: Readonly<Record<LetterFormat, LetterSheet>> = {
  'din-b': din(45, { text: 98.5, folds: [105, 210] }),
  'din-a': din(27, { text: 80.5, folds: [87, 192] }),
  // 3.5 × 0.875 inches are seen through a #10 window, however the sheet slips in its envelope.
  'us-10': {
    width: inch(8.5),
    height: inch(11),
    window: { x: inch(0.5), y: inch(2.042), width: inch(3.5), height: inch(0.875) },
    address: { x: inch(0.6), y: inch(2.062), width: inch(3.3), height: inch(0.85) },
    mostLines: 5,
    sender: { x: inch(0.6), y: inch(0.6), width: inch(4), height: inch(0.2) },
    date: { x: inch(5.2), y: inch(2.062), width: inch(2.3), height: inch(0.2) },
    text: { x: inch(1), y: inch(3.4), width: inch(6.5), height: inch(7.1) },
    folds: [inch(11 / 3), inch(22 / 3)],
  },
};
