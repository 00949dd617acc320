import { addDays, atLocal, type Instant, localDate, type Weekday, weekdayOf } from '../../time.ts';

/** When letters are put together, on the clock of the configuration. */
export interface BatchTime {
  days: readonly Weekday[];
  /** Since midnight. */
  minutes: number;
}

export interface BatchSlot {
  /** Its date: the name of the batch. */
  id: string;
  at: Instant;
}

const slotOn = (date: string, { minutes }: BatchTime, zone: string): BatchSlot => ({
  id: date,
  at: atLocal(date, minutes, zone),
});

/** The newest one that has come. */
export function lastSlot(now: Instant, time: BatchTime, zone: string): BatchSlot {
  let date = addDays(localDate(now, zone), 1);
  for (let i = 0; i < 9; i += 1, date = addDays(date, -1)) {
    const slot = slotOn(date, time, zone);
    if (slot.at <= now && time.days.includes(weekdayOf(date))) return slot;
  }
  throw new Error('letters have no day of the week');
}

/** The first one that is still to come. */
export function nextSlot(now: Instant, time: BatchTime, zone: string): BatchSlot {
  let date = localDate(now, zone);
  for (let i = 0; i < 9; i += 1, date = addDays(date, 1)) {
    const slot = slotOn(date, time, zone);
    if (slot.at > now && time.days.includes(weekdayOf(date))) return slot;
  }
  throw new Error('letters have no day of the week');
}

/** Who was taken out after the file was made. */
export interface TakenOut {
  dispatch: string;
  at: Instant;
  /** Of the file that it was in. */
  page: number;
  edition: number;
  /** It had gone out before: no page is to be taken out. */
  wasSent?: true;
}

/**
 * Letters that are printed together. `collecting`: who is in it is being decided, and each letter
 * itself says that it is in. From `made` on the list stands, and only shrinks.
 */
export interface LetterBatch {
  id: string;
  state: 'collecting' | 'made' | 'printed';
  slotAt: Instant;
  madeAt?: Instant;
  /** Dispatches, in the order of the pages. */
  letters: string[];
  takenOut: TakenOut[];
  /** Of how many of these a notice was written; absent: of all. */
  told?: number;
  /** Rises when somebody is taken out: the file is another one then. */
  edition: number;
  printedAt?: Instant;
  printedBy?: string;
  /** All that was printed counts as sent: who goes from here on has had the letter. */
  isSettled?: true;
  /** Its files are no longer kept. */
  isCleared?: true;
}

/** `2026-11-30` and, of more than fit into one file, `2026-11-30-2`. */
export const batchId = (slot: BatchSlot, number: number): string =>
  number === 1 ? slot.id : `${slot.id}-${number}`;

export const collectingBatch = (id: string, slotAt: Instant): LetterBatch => ({
  id,
  state: 'collecting',
  slotAt,
  letters: [],
  takenOut: [],
  edition: 1,
});

export const madeBatch = (
  before: LetterBatch,
  { letters, at }: { letters: string[]; at: Instant },
): LetterBatch => ({ ...before, state: 'made', letters, madeAt: at });

/** Without those who may not, or need not, get it any more; undefined: all of them stay. */
export function withoutLetters(
  before: LetterBatch,
  stays: (dispatch: string) => boolean,
  at: Instant,
): LetterBatch | undefined {
  const letters = before.letters.filter(stays);
  if (letters.length === before.letters.length) return undefined;
  const { edition, isSettled, told = before.takenOut.length } = before;
  const sent = isSettled && { wasSent: true as const };
  const out = before.letters.flatMap((dispatch, i) =>
    stays(dispatch) ? [] : [{ dispatch, at, page: i + 1, edition, ...sent }],
  );
  return {
    ...before,
    letters,
    takenOut: [...before.takenOut, ...out],
    told,
    edition: edition + 1,
  };
}

/** Undefined: there is nothing to say so of. */
export const printedBatch = (
  before: LetterBatch,
  { at, by }: { at: Instant; by: string },
): LetterBatch | undefined =>
  before.state === 'made'
    ? { ...before, state: 'printed', printedAt: at, printedBy: by }
    : undefined;

/** The word about it was taken back. */
export function unprintedBatch(before: LetterBatch): LetterBatch | undefined {
  if (before.state !== 'printed') return undefined;
  const { printedAt: _at, printedBy: _by, isSettled: _is, ...rest } = before;
  return { ...rest, state: 'made' };
}
