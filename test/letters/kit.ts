import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LetterFormat } from '../../src/core/people/letters/letter-format.ts';
import { collectingBatch, madeBatch } from '../../src/core/people/letters/letter-batch.ts';
import type { Person, PostalAddress } from '../../src/core/people/person.ts';
import { day } from '../../src/core/time.ts';
import { openPress } from '../../src/letters/open-press.ts';
import { openImages } from '../../src/media/images.ts';
import type { PrintedLetter } from '../../src/ports/people/letters.ts';
import { sequence, step } from '../flow/people/people-world.ts';

const has = (tool: string) => {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

export const hasPoppler = has('pdftotext') && has('pdftoppm') && has('pdffonts');
export const hasZbar = has('zbarimg');

/** A Monday morning in Berlin. */
export const monday = Date.parse('2026-03-02T08:00:00Z');

export const berlin: PostalAddress = {
  medium: 'letter',
  lines: ['Łucja Șerban', 'Straße des 17. Juni 135'],
  postcode: '10623',
  city: 'Berlin',
  country: 'DE',
};

export const person = (more: Partial<Person> = {}): Person => ({
  id: 'p-1',
  status: 'active',
  createdAt: 0,
  addresses: [berlin],
  fields: { name: 'Łucja' },
  lang: 'en',
  score: 0,
  scoredAt: 0,
  revision: 1,
  ...more,
});

export const offer = (text: string, more = {}) =>
  step('offer', { subject: 'Offer', text, ...more });

export function openTestPress(
  format: LetterFormat = 'din-b',
  country = 'DE',
  more: Partial<Parameters<typeof openPress>[0]> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-letters-'));
  const press = openPress({
    format,
    country,
    sender: 'Drip Press, Wasserstraße 1, 10115 Berlin',
    zone: 'Europe/Berlin',
    unsubscribeUrl: (id) => `https://go.example.com/u/${Buffer.from(id).toString('base64url')}`,
    mediaFolder: 'media',
    folder: join(folder, 'letters'),
    images: openImages({ dataFolder: folder, keepFor: day }),
    time: { days: ['mon'], minutes: 8 * 60 },
    ...more,
  });
  return { press, folder };
}

type Press = ReturnType<typeof openTestPress>['press'];

export interface Asked {
  text: string;
  address?: PostalAddress;
  more?: Partial<Person>;
}

export async function composeOne(
  press: Press,
  { text, address = berlin, more = {} }: Asked,
  i = 1,
): Promise<PrintedLetter> {
  const who = person({ id: `p-${i}`, ...more });
  const dispatch = { id: `welcome.offer@p-${i}` };
  const composing = { dispatch, person: who, sequence: sequence([]), step: offer(text), address };
  const { bytes } = await press.compose({ ...composing, at: monday });
  return { dispatch: dispatch.id, person: who.id, bytes };
}

export const batchOf = (letters: readonly PrintedLetter[], id = '2026-03-02') =>
  madeBatch(collectingBatch(id, monday), {
    letters: letters.map(({ dispatch }) => dispatch),
    at: monday,
  });

export async function printAll(press: Press, letters: readonly PrintedLetter[]): Promise<string> {
  const batch = batchOf(letters);
  await press.print(batch, letters);
  return press.pathOf(batch, 'pdf');
}

const run = (tool: string, ...args: string[]) =>
  execFileSync(tool, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

export interface Word {
  text: string;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The words of each page with their places in points. */
export function wordsOf(pdf: string): Word[][] {
  const html = run('pdftotext', '-bbox', pdf, '-');
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return html
    .split('<page ')
    .slice(1)
    .map((page) =>
      [
        ...page.matchAll(
          /xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)/g,
        ),
      ].map(([, left, top, right, bottom, text = '']) => ({
        text: text.replaceAll(/&(\w+);/g, (_, name: string) => entities[name] ?? ''),
        left: Number(left),
        top: Number(top),
        right: Number(right),
        bottom: Number(bottom),
      })),
    );
}

export const textOf = (pdf: string): string => run('pdftotext', '-layout', pdf, '-');
export const fontsOf = (pdf: string): string => run('pdffonts', pdf);

/** What a phone reads on a page. */
export function scan(pdf: string, page = 1): string {
  const image = `${pdf}.${page}`;
  const bytes = execFileSync('pdftoppm', [
    '-r',
    '150',
    '-f',
    `${page}`,
    '-l',
    `${page}`,
    '-png',
    pdf,
  ]);
  writeFileSync(image, bytes);
  return run('zbarimg', '-q', '--raw', image).trim();
}
