import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { home, readSources, readText } from './sources.ts';

/** A test is a list of stories: it may be longer than what it tests. */
const mostLines = { code: 330, tests: 520 };
const folders = ['bin', 'src', 'test', 'bench', 'config', 'media'];

test('no source file is longer than can be read in one go', () => {
  const long = folders
    .flatMap((folder) =>
      readSources(folder).map(({ path, text }) => ({
        path: `${folder}/${path}`,
        lines: text.split('\n').length - 1,
      })),
    )
    .filter(
      ({ path, lines }) => lines > (path.startsWith('test/') ? mostLines.tests : mostLines.code),
    );
  expect(long.map(({ path, lines }) => `${path}: ${lines} lines`)).toEqual([]);
});

test('files are named in kebab-case', () => {
  const strange = folders
    .filter((folder) => folder !== 'test')
    .flatMap((folder) => readSources(folder).map(({ path }) => `${folder}/${path}`))
    .filter((path) => !/^[a-z0-9/.-]+$/.test(path));
  expect(strange).toEqual([]);
});

/** Tracked files, or (where git is not, as in a package) those of the folders. */
function listFiles(): string[] {
  try {
    return execFileSync('git', ['ls-files'], {
      cwd: home,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .split('\n')
      .filter(Boolean);
  } catch {
    return folders.flatMap((folder) => readSources(folder).map(({ path }) => `${folder}/${path}`));
  }
}

test("no file mentions a path of a developer's machine", () => {
  const texts = listFiles().filter(
    (path) => !/\.(png|jpg|jpeg|webp|gif|ico)$/.test(path) && path !== 'package-lock.json',
  );
  // Put together here, so that this file does not mention them either.
  const paths = new RegExp(
    ['work', 'home/\\w+', 'Users/\\w+', 'root']
      .map((folder) => `(?<![\\w.~:/}\`])/${folder}/`)
      .join('|'),
  );
  const wrong = texts.flatMap((path) => {
    const text = readIfThere(path);
    return text
      .split('\n')
      .flatMap((line, i) =>
        paths.test(line) ? [`${path}:${i + 1} ${line.trim().slice(0, 100)}`] : [],
      );
  });
  expect(wrong).toEqual([]);
});

/** A file that was just removed is still tracked. */
function readIfThere(path: string): string {
  try {
    return readText(path);
  } catch {
    return '';
  }
}

/**
 * One name, one file: who looks for it finds it at once. Exceptions are roles:
 * `networks/x/publisher.ts` beside `networks/bluesky/publisher.ts`, and what these implement,
 * `ports/publisher.ts`.
 */
test('no two files have the same name, unless they play the same role', () => {
  const places = Map.groupBy(
    readSources('src').map(({ path }) => path),
    (path) => path.split('/').at(-1) ?? '',
  );
  const familyOf = (path: string) => path.split('/').slice(0, -2).join('/');
  const wrong = [...places.values()].filter((paths) => {
    const families = new Set(paths.filter((path) => !path.startsWith('ports/')).map(familyOf));
    return paths.length > 1 && families.size > 1;
  });
  expect(wrong).toEqual([]);
});

test('no folder of the code holds more than thirteen files', () => {
  const folders = Map.groupBy(
    readSources('src').map(({ path }) => path),
    (path) => path.split('/').slice(0, -1).join('/'),
  );
  expect(
    [...folders]
      .filter(([, paths]) => paths.length > 13)
      .map(([folder, paths]) => `${folder}: ${paths.length}`),
  ).toEqual([]);
});
