import type { LetterBatch, TakenOut } from './letter-batch.ts';

export const batchFileName = (
  { id, edition }: Pick<LetterBatch, 'id' | 'edition'>,
  file: 'pdf' | 'csv',
): string => `letters-${id}${edition > 1 ? `.${edition}` : ''}.${file}`;

/**
 * Where somebody's page is in each file that may have been printed, the first one first: "page 2
 * of letters-2026-03-09.pdf, page 1 of letters-2026-03-09.2.pdf".
 */
export function tellPages({ id, takenOut }: LetterBatch, out: TakenOut): string {
  const places: string[] = [];
  let { page } = out;
  for (let { edition } = out; edition >= 1; edition -= 1) {
    if (edition < out.edition) page = pageBefore(takenOut, { edition, page });
    places.unshift(`page ${page} of ${batchFileName({ id, edition }, 'pdf')}`);
  }
  return places.join(', ');
}

/** Whose page of the file that came after it had this number. */
function pageBefore(
  takenOut: readonly TakenOut[],
  { edition, page }: Pick<TakenOut, 'edition' | 'page'>,
): number {
  const gone = takenOut.filter((one) => one.edition === edition).map((one) => one.page);
  return gone.toSorted((a, b) => a - b).reduce((now, one) => (one <= now ? now + 1 : now), page);
}

/** Who may be on paper, and must not go out. */
export const mustNotGo = ({ takenOut }: LetterBatch): TakenOut[] =>
  takenOut.filter(({ wasSent }) => !wasSent);
