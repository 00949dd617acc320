import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BatchTime, LetterBatch } from '../core/people/letters/letter-batch.ts';
import type { Letter } from '../core/people/letters/letter.ts';
import { batchFileName } from '../core/people/letters/taken-out.ts';
import { Refusal } from '../core/problem.ts';
import { toCsv } from '../core/text/to-csv.ts';
import { writeWhole } from '../io/files/atomic-file.ts';
import type { LetterFile, LetterPress, PrintedLetter } from '../ports/people/letters.ts';
import { openBatchFiles } from './batch-files.ts';
import { decodeLetter, encodeLetter, pictureFile } from './frozen-letter.ts';
import type { Printing } from './letter-content.ts';

/** What letters are made with takes long to load: only where one is made. */
export function openPress(printing: Printing & { time: BatchTime }): LetterPress {
  const { folder, time } = printing;
  const files = openBatchFiles(folder);
  const assertFits = openFitting(printing);
  return {
    ...files,
    time,
    async whyUnfit(address) {
      const [{ whyAddressUnfit }, { openFonts }] = await Promise.all([
        import('./postal-lines.ts'),
        import('./letter-fonts.ts'),
      ]);
      return whyAddressUnfit(address, printing, await openFonts());
    },
    async compose(input) {
      const { composeLetter } = await import('./letter-content.ts');
      const { letter, links } = await composeLetter(printing, input);
      await assertFits(letter);
      return { bytes: encodeLetter(letter), links };
    },
    orderOf(bytes) {
      const { country, postcode } = decodeLetter(bytes);
      return `${country} ${postcode}`;
    },
    async print(batch, letters) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const bytes = await draw(printing, batch, letters);
      const write = (file: LetterFile, content: string | Uint8Array) =>
        writeWhole(files.pathOf(batch, file), (temporary) => writeFile(temporary, content));
      await write('csv', toRows(batch, letters));
      await write('pdf', bytes);
    },
    isThere: async (batch) =>
      (await isFile(files.pathOf(batch, 'pdf'))) && isFile(files.pathOf(batch, 'csv')),
    clear: (batch, but) => clear(folder, batch, but),
  };
}

async function clear(folder: string, { id }: Pick<LetterBatch, 'id'>, but: number | undefined) {
  const names = await readdir(folder).catch(() => []);
  const kept = (['pdf', 'csv'] as const).map((file) =>
    but === undefined ? '' : batchFileName({ id, edition: but }, file),
  );
  for (const name of names)
    if (isOf(name, id) && !kept.includes(name)) await rm(join(folder, name), { force: true });
}

const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isFile() ?? false;

const isOf = (name: string, id: string) =>
  name.startsWith(`letters-${id}.`) && /^(\d+\.)?(pdf|csv)$/.test(name.slice(9 + id.length));

async function draw(
  printing: Printing,
  { id, madeAt = 0 }: LetterBatch,
  letters: readonly PrintedLetter[],
): Promise<Buffer> {
  const { drawBatch } = await import('./drawing/draw-batch.ts');
  const all = letters.map(({ bytes }) => decodeLetter(bytes));
  const pictureOf = (digest: string) => pictureFile(printing.folder, digest);
  return drawBatch({ title: `Letters ${id}`, at: madeAt, pictureOf }, all);
}

/** What does not fit on its page would be cut off by a printer: it is not printed. */
function openFitting(printing: Printing): (letter: Letter) => Promise<void> {
  let fits: ((letter: Letter) => Promise<boolean>) | undefined;
  return async (letter) => {
    const { openMeasure } = await import('./drawing/draw-batch.ts');
    fits ??= openMeasure((digest) => pictureFile(printing.folder, digest));
    if (!(await fits(letter)))
      throw new Refusal('the letter does not fit on one page: shorten its text');
  };
}

const addressLines = 6;

function toRows({ id }: Pick<LetterBatch, 'id'>, letters: readonly PrintedLetter[]): string {
  const lines = Array.from({ length: addressLines }, (_, i) => `line${i + 1}`);
  const rows = letters.map(({ dispatch, person, bytes }, i) => {
    const { address, postcode, country, link = '' } = decodeLetter(bytes);
    const own = lines.map((_, k) => address[k] ?? '');
    return [id, i + 1, dispatch, person, ...own, postcode, country, link];
  });
  const heads = ['batch', 'page', 'letter', 'person', ...lines, 'postcode', 'country', 'link'];
  return toCsv([heads, ...rows]);
}
