import { rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idOfFile } from '../../src/sources/post-identity.ts';
import { type Bench, makeBench } from '../sources/flow-kit.ts';
import { inputs } from './kit.ts';

/** What a scan says of `a.md`, and the mark that it leaves. */
async function look({ context }: Bench, mark: string | undefined, now: number) {
  const marks = new Map(mark === undefined ? [] : [['a.md', mark]]);
  const [file] = (await context.folder.scan(marks, now)).files;
  return { kind: file?.kind, mark: file?.kind === 'post' ? file.mark : mark };
}

/** A change that leaves the size and the time of the last write as they were. */
const silentChanges: Record<string, (file: string) => Promise<void>> = {
  'written over, with its time set back': (file) => writeFile(file, 'Two.'),
  'replaced by another file': async (file) => {
    await writeFile(`${file}.new`, 'Two.');
    await rename(`${file}.new`, file);
  },
};

test.each(Object.entries(silentChanges))(
  'a file of the same size and time is read again when it was %s',
  async (_how, change) => {
    await using bench = await makeBench();
    const file = join(bench.posts, 'a.md');
    await bench.write({ 'a.md': 'One.' });
    const later = bench.clock.now;
    const first = await look(bench, undefined, later);
    expect((await look(bench, first.mark, later)).kind).toBe('unchanged');
    const { mtime, ino, ctimeMs } = await stat(file);
    await change(file);
    await utimes(file, mtime, mtime);
    const now = await stat(file);
    expect([now.size, now.mtimeMs]).toEqual([4, mtime.getTime()]);
    expect([now.ino, now.ctimeMs]).not.toEqual([ino, ctimeMs]);
    expect((await look(bench, first.mark, later)).kind).toBe('post');
  },
);

test('a file that was written within two seconds of its mark is read once more', async () => {
  await using bench = await makeBench({ settleFor: 0 });
  await bench.write({ 'a.md': 'One.' });
  const { ctimeMs } = await stat(join(bench.posts, 'a.md'));
  for (const apart of [-1999, -1, 0, 1, 1999]) {
    const soon = await look(bench, undefined, ctimeMs + apart);
    const again = await look(bench, soon.mark, ctimeMs + 60_000);
    expect(again.kind).toBe('post');
    expect((await look(bench, again.mark, ctimeMs + 120_000)).kind).toBe('unchanged');
  }
});

const runs = inputs(500, 20_000);
test(`${runs} names in any script give ids that are valid, distinct and stable`, () => {
  const script = fc.string({ unit: fc.constantFrom(...'новстья日本語αβ한글'), minLength: 1 });
  const any = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.oneof(any, script), script, script, (name, one, other) => {
      const id = idOfFile(`${name.replaceAll(/[/\0]/g, '')}.md`);
      // Empty: the file is told to need an id.
      expect(id).toMatch(/^(?:[a-z0-9_][a-z0-9_-]*)?$/);
      expect(idOfFile(`${one.normalize('NFD')}.md`)).toBe(idOfFile(`${one}.md`));
      if (one !== other) expect(idOfFile(`${one}-1.md`)).not.toBe(idOfFile(`${other}-1.md`));
    }),
    { numRuns: runs },
  );
  expect(idOfFile('010-Größe und Café.md')).toBe('grosse-und-cafe');
});
