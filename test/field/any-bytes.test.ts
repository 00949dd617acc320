import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FolderScan, ScannedFile } from '../../src/ports/source.ts';
import { makeBench } from '../sources/flow-kit.ts';
import { inputs } from './kit.ts';

const runs = inputs(40, 1500);
const filesARun = 12;

/** Words that Markdown leaves alone, in several scripts. */
const words = fc
  .array(
    fc.constantFrom(
      'Grüße',
      'Köln',
      'launch',
      'новость',
      '日本語',
      'café',
      '“quoted”',
      '100',
      '🎉',
    ),
    { minLength: 3, maxLength: 8 },
  )
  .map((some) => `Hello ${some.join(' ')} friends.`);

/** What an old editor can write of it. */
const latin = (text: string) => text.replaceAll(/[^\u0020-\u00ff\r\n]/gu, '?');
const swap = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();
const encoders: Record<string, (text: string) => Buffer> = {
  'utf-8': (text) => Buffer.from(text),
  'utf-8 with its mark': (text) => Buffer.from(`\ufeff${text}`),
  'utf-16le with its mark': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'utf-16be with its mark': (text) => swap(Buffer.from(`\ufeff${text}`, 'utf16le')),
  'utf-16le': (text) => Buffer.from(text, 'utf16le'),
  'utf-16be': (text) => swap(Buffer.from(text, 'utf16le')),
  'latin-1': (text) => Buffer.from(latin(text), 'latin1'),
};
const isFaithful = (name: string) => name === 'utf-8' || name.includes('mark');

const isAscii = (text: string) => /^[\u0020-\u007e]*$/.test(text);

const fronts = [
  '',
  '---\ntitle: Plan\n---\n',
  '\n\n---\ntitle: Plan\n---\n',
  '---\ntitle: Plan\ndraft: true\n---\n',
  '+++\ndraft = true\n+++\n',
  '{ "draft": true }\n',
  '----\ndraft: true\n----\n',
  '<!-- mine -->\n---\ndraft: true\n---\n',
  ' ---\ndraft: true\n ---\n',
  '---\ndraft: yes\ntitel: Plan\n---\n',
];

const names = fc.oneof(
  fc.constantFrom(
    '010-a.md',
    'новость-1.md',
    'статья-1.md',
    'a.MD',
    'b.markdown',
    'c.md.txt',
    'd.mdx',
    '_e.md',
    '.f.md',
    'g.md~',
    'h copy.md',
    'i (conflicted copy 2026-11-24).md',
    'j.sync-conflict-20261124-101010-ABCDEFG.md',
    'k.x.md',
    'README.md',
    'l.docx',
    '#m.md#',
    '~$n.md',
  ),
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .map((name) => `${name.replaceAll(/[/\0\n]/g, '_').slice(0, 40)}.md`)
    .filter((name) => name.isWellFormed() && Buffer.byteLength(name) < 200 && name !== '..md'),
);

const written = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(
      words,
      fc.constantFrom(...fronts),
      fc.constantFrom(...Object.keys(encoders)),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.constant(undefined),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      words,
      fc.constant(''),
      fc.constant('utf-8'),
      fc.constant('\n'),
      fc.uint8Array({ maxLength: 300 }),
    ),
  },
);

/** What a scan made of one file. */
const fileOf = ({ files }: FolderScan, name: string): ScannedFile | undefined =>
  files.find(({ path }) => path === name);

const isTold = ({ where, what, hint = '' }: { where: string; what: string; hint?: string }) =>
  where.startsWith('posts/') && (hint !== '' || / needs /.test(what));

test(`any bytes in any file are a problem with its place and remedy, or what an editor shows (${runs * filesARun} files)`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(names, written), {
        minLength: filesARun,
        maxLength: filesARun,
        selector: ([name]) => name.normalize('NFC').toLowerCase(),
      }),
      async (all) => {
        await using bench = await makeBench({ settleFor: 0 });
        for (const [name, [text, front, encoder, end, bytes]] of all) {
          const whole = (front + text).replaceAll('\n', end);
          await writeFile(
            join(bench.posts, name),
            bytes ?? encoders[encoder]?.(whole) ?? Buffer.alloc(0),
          );
        }
        const scan = await bench.context.folder.scan(new Map(), bench.clock.now);
        for (const [name, [text, front, encoder, , bytes]] of all) {
          const file = fileOf(scan, name);
          if (file?.kind === 'broken')
            expect(file.problems.filter((one) => !isTold(one))).toEqual([]);
          if (file?.kind !== 'post') continue;
          const shown = file.post().parts.join('\n\n---\n\n');
          expect([name, shown.includes('\ufffd')]).toEqual([name, false]);
          expect(name).toMatch(/\.(md|markdown)$/i);
          if (bytes) continue;
          // Latin-1 is no UTF-8, unless nothing in it is beyond ASCII.
          const seen = isFaithful(encoder) ? text : latin(text);
          const isReadable = isFaithful(encoder) || (encoder === 'latin-1' && isAscii(seen));
          expect([name, encoder, isReadable]).toEqual([name, encoder, true]);
          expect([name, front, shown]).toEqual([name, front, seen]);
          expect(/draft/.test(front) && !file.isDraft).toBe(false);
        }
      },
    ),
    { numRuns: runs },
  );
});
