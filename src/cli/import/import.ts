import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { openHtmlToText, openToPlain } from '../../app.ts';
import { openFolderOf } from '../../app/open-parts.ts';
import { WrongUsage } from '../../commands/command.ts';
import { plural } from '../../core/plural.ts';
import { type Problem, Refusal } from '../../core/problem.ts';
import { type GuardedGet, guardedGet } from '../../io/guarded-get.ts';
import type { DayOrder } from './import-date.ts';
import { judgeColumns } from './import-guard.ts';
import { findMedia } from './import-media.ts';
import { fileNameOf, groupRows, readPost, type Tell, toFile, type Wanted } from './import-post.ts';
import { readTable } from './import-table.ts';
import { toLine } from '../check/check.ts';
import type { CliContext } from '../cli-context.ts';
import type { ScannedFile } from '../../ports/source.ts';

/** Below the posts folder, and below the media folder. */
const folderName = 'imported';

interface Written {
  line: number;
  id: string;
  file: string;
}

interface Report {
  isDry: boolean;
  imported: Written[];
  /** Rows whose post exists already. */
  skipped: (Written & { why: string })[];
  problems: Problem[];
}

/**
 * Writes one Markdown file for each row (or thread), and never overwrites a file. A second run
 * imports nothing twice. Exit 1 with any error.
 */
export async function importFile(
  cli: CliContext,
  get: GuardedGet = guardedGet,
  now = Date.now(),
): Promise<number> {
  const { config, args, options, terminal } = cli;
  const label = basename(args[0] ?? '');
  // The rows of a list of people would become public posts.
  if (options['enrol'] !== undefined)
    throw new WrongUsage('--enrol is about people: say with --consent where and when they agreed');
  const order = readOrder(options['dates']);
  const bytes = readBytes(resolve(cli.folder, args[0] ?? ''));
  const table = readTable(bytes, label, readIgnored(options['ignore']));
  const report: Report = {
    isDry: options['dryRun'] === true,
    imported: [],
    skipped: [],
    problems: [],
  };
  const tell: Tell = ({ line }, problem) =>
    report.problems.push({ severity: 'error', ...problem, where: `${label}:${line}` });
  for (const finding of judgeColumns(table)) tell({ line: 1 }, finding);
  const reading = { zone: config.zone, now, order, ...(await readingOf(cli)) };
  const there = await findThere(config.folders.posts);
  const isRead = !report.problems.some(isError);
  for (const group of isRead ? groupRows(table.rows) : []) {
    const wanted = readPost(group, reading, tell);
    if (wanted) await importPost(wanted, { cli, get, report, there, tell });
  }
  if (!report.isDry) report.problems.push(...(await checkWritten(cli, report.imported, label)));
  print(terminal, report, label);
  return report.problems.some(isError) ? 1 : 0;
}

const readingOf = async ({ config }: CliContext) => ({
  accounts: config.accounts.map(({ name }) => name),
  toPlain: await openToPlain(),
  htmlToText: await openHtmlToText(),
});

const isError = ({ severity }: Problem) => severity === 'error';

const readIgnored = (given: unknown): string[] =>
  Array.isArray(given) ? given.map(String) : [given ?? []].flat().map(String);

function readOrder(given: unknown): DayOrder | undefined {
  if (given === undefined || given === 'day-first' || given === 'month-first') return given;
  throw new WrongUsage('--dates takes day-first or month-first');
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    throw new Refusal(`${file} cannot be read (${code}): name a CSV file`);
  }
}

/** Existing ids with their files, wherever these have been moved to. */
async function findThere(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const paths = await readdir(folder, { recursive: true }).catch(() => []);
  for (const path of paths.filter((one) => /\.(md|markdown)$/i.test(one))) {
    const text = await readFile(join(folder, path), 'utf8').catch(() => '');
    const id = /^---\r?\n(?:(?!---).*\r?\n)*?id:[ \t]*["']?([\w-]+)/.exec(text)?.[1];
    if (id !== undefined) found.set(id, `${basename(folder)}/${path.replaceAll('\\', '/')}`);
  }
  return found;
}

interface Importing {
  cli: CliContext;
  get: GuardedGet;
  report: Report;
  there: Map<string, string>;
  tell: Tell;
}

async function importPost(wanted: Wanted, importing: Importing): Promise<void> {
  const { cli, report, there, tell } = importing;
  const { line, id } = wanted;
  const before = there.get(id);
  if (before !== undefined) {
    report.skipped.push({ line, id, file: before, why: `exists already as ${before}` });
    return;
  }
  if (wanted.isPast)
    return tell(wanted, {
      what: `its date ${String(wanted.front['date'])} has passed`,
      hint: 'give it a future date, or none: the cadence then schedules the post',
    });
  const media = await findAll(wanted, importing);
  if (!media) return;
  const { posts } = cli.config.folders;
  const name = fileNameOf(wanted);
  const file = `${basename(posts)}/${folderName}/${name}`;
  if (!report.isDry && !(await writeNew(join(posts, folderName), name, toFile(wanted, media))))
    return tell(wanted, {
      what: `${file} exists already, and is another post`,
      hint: 'rename that file, or give the row its own id',
    });
  there.set(id, file);
  report.imported.push({ line, id, file });
}

/** Undefined: one of them was not found, and that was reported. */
async function findAll(
  wanted: Wanted,
  { cli, get, report, tell }: Importing,
): Promise<{ src: string; alt: string }[] | undefined> {
  const { media: mediaFolder } = cli.config.folders;
  const media: { src: string; alt: string }[] = [];
  for (const { source, alt } of wanted.media) {
    const found = await findMedia(source, { mediaFolder, get, isDry: report.isDry });
    if ('what' in found) {
      tell(wanted, found);
      return undefined;
    }
    media.push({ src: found.src, alt });
  }
  return media;
}

/** False: the name is taken. */
async function writeNew(folder: string, name: string, text: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), text, { flag: 'wx' });
    return true;
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    throw new Refusal(
      `${join(folder, name)} cannot be written (${code}): fix the permissions of the folder, ` +
        'or free some space',
    );
  }
}

/** The problems that the service would report for the new files, at the line of their row. */
async function checkWritten(
  { config }: CliContext,
  imported: Written[],
  label: string,
): Promise<Problem[]> {
  if (!imported.length) return [];
  const lines = new Map(imported.map(({ file, line }) => [file, line]));
  const { files } = await (await openFolderOf(config, 0)).scan(new Map(), Date.now());
  return files.flatMap(problemsOf).flatMap((problem): Problem[] => {
    const line = lines.get(problem.where.replace(/(:\d+)*$/, ''));
    return line === undefined
      ? []
      : [{ ...problem, where: `${label}:${line}`, what: `${problem.where} ${problem.what}` }];
  });
}

function problemsOf(file: ScannedFile): Problem[] {
  if (file.kind === 'broken') return file.problems;
  return file.kind === 'post' ? file.notes : [];
}

function print(terminal: CliContext['terminal'], report: Report, label: string) {
  const { isDry, imported, skipped, problems } = report;
  const lines = [
    ...imported.map(({ line, file }) => ({
      line,
      text: `${label}:${line} ${isDry ? 'would be' : 'is now'} ${file}`,
    })),
    ...skipped.map(({ line, why }) => ({ line, text: `${label}:${line} ${why}` })),
    ...problems.map((problem) => ({
      line: Number(/:(\d+)$/.exec(problem.where)?.[1] ?? 0),
      text: toLine(problem),
    })),
  ].toSorted((a, b) => a.line - b.line);
  const errors = problems.filter(isError).length;
  const summary = [
    `${imported.length} ${isDry ? 'would be imported' : 'imported'}`,
    `${skipped.length} skipped`,
    plural(errors, 'problem'),
  ];
  terminal.print([...lines.map(({ text }) => text), `${summary.join(', ')}.`].join('\n'), {
    dryRun: isDry,
    imported,
    skipped,
    problems,
  });
}
