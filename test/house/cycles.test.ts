import { expect, test } from 'vitest';
import { readSources } from './sources.ts';

const files = new Map(readSources('src').map(({ path, text }) => [path, importsOf(path, text)]));

/** Every file of `src/` that this one names: by value, for a type, or with `import()`. */
function importsOf(path: string, text: string): string[] {
  const specifiers = text.matchAll(
    /\bfrom '(\.[^']+)'|\bimport\('(\.[^']+)'\)|^import '(\.[^']+)'/gm,
  );
  return [...specifiers].map(([, from, lazy, bare]) =>
    new URL(from ?? lazy ?? bare ?? '', `file:///${path}`).pathname.slice(1),
  );
}

/** One walk in depth: a file that is met again while it is still open closes a cycle. */
function findCycles(): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, open: string[]) => {
    if (open.includes(file))
      return void cycles.push([...open.slice(open.indexOf(file)), file].join(' → '));
    if (done.has(file)) return;
    for (const next of files.get(file) ?? []) visit(next, [...open, file]);
    done.add(file);
  };
  for (const file of files.keys()) visit(file, []);
  return cycles;
}

test('no file imports itself by way of others, types and lazy imports included', () => {
  const named = [...files.values()].flat();
  expect(named.length).toBeGreaterThan(1000);
  expect(named.filter((path) => !files.has(path) && path.endsWith('.ts'))).toEqual([]);
  expect(findCycles()).toEqual([]);
});
