import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { openFolderOf, openToPlain } from '../../app.ts';
import { WrongUsage } from '../../commands/command.ts';
import { formatProblem, type Problem, Refusal } from '../../core/problem.ts';
import { type GuardedGet, guardedGet } from '../../io/guarded-get.ts';
import type { DayOrder } from './import-date.ts';
import { findMedia } from './import-media.ts';
import { fileNameOf, groupRows, readPost, toFile, type Wanted } from './import-post.ts';
import { readTable, type Row } from './import-table.ts';
import type { CliContext } from '../cli-context.ts';

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
  /** Rows whose post is there already. */
  skipped: (Written & { why: string })[];
  problems: Problem[];
}

/**
 * One Markdown file for each row (or thread), never over one that is there; a second run imports
 * nothing twice.
 */
export async function importFile(
  cli: CliContext,
  get: GuardedGet = guardedGet,
  now = Date.now(),
): Promise<void> {
  const { config, args, options, terminal } = cli;
  const label = basename(args[0] ?? '');
  const order = readOrder(options['dates']);
  const table = readTable(readBytes(resolve(cli.folder, args[0] ?? '')), label);
  const report: Report = {
    isDry: options['dryRun'] === true,
    imported: [],
    skipped: [],
    problems: [],
  };
  const tell = (
    row: Pick<Row, 'line'>,
    what: string,
    hint: string,
    severity: Problem['severity'] = 'error',
  ) => report.problems.push({ where: `${label}:${row.line}`, what, hint, severity });
  if (table.unread.length)
    tell(
      { line: 1 },
      `not read: ${table.unread.map((name) => `"${name}"`).join(', ')}`,
      'the README lists the columns',
      'note',
    );
  const reading = {
    zone: config.zone,
    now,
    order,
    accounts: config.accounts.map(({ name }) => name),
    toPlain: await openToPlain(),
  };
  const there = await findThere(config.folders.posts);
  for (const group of groupRows(table.rows)) {
    const wanted = readPost(group, reading, tell);
    if (wanted) await importPost(wanted, { cli, get, report, there, tell });
  }
  if (!report.isDry) report.problems.push(...(await checkWritten(cli, report.imported, label)));
  print(terminal, report, label);
  if (report.problems.some(({ severity }) => severity === 'error')) process.exitCode = 1;
}

function readOrder(given: unknown): DayOrder | undefined {
  if (given === undefined || given === 'day-first' || given === 'month-first') return given;
  throw new WrongUsage('--dates takes day-first or month-first');
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Refusal(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}): name a CSV file`,
    );
  }
}

/** Ids of the files that are there, wherever they have been moved to since. */
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
  tell: (row: Pick<Row, 'line'>, what: string, hint: string) => void;
}

async function importPost(
  wanted: Wanted,
  { cli: { config }, get, report, there, tell }: Importing,
): Promise<void> {
  const { posts, media: mediaFolder } = config.folders;
  const { line, id } = wanted;
  const before = there.get(id);
  if (before !== undefined) {
    report.skipped.push({ line, id, file: before, why: `is there already as ${before}` });
    return;
  }
  if (wanted.isPast)
    return tell(
      { line },
      `its date ${String(wanted.front['date'])} has passed`,
      'give it a date to come, or none: the cadence finds it a slot then',
    );
  const media: { src: string; alt: string }[] = [];
  for (const { source, alt } of wanted.media) {
    const found = await findMedia(source, { mediaFolder, get, isDry: report.isDry });
    if (!('src' in found)) return tell({ line }, found.what, found.hint);
    media.push({ src: found.src, alt });
  }
  const name = fileNameOf(wanted);
  const file = `${basename(posts)}/${folderName}/${name}`;
  if (!report.isDry && !(await writeNew(join(posts, folderName), name, toFile(wanted, media))))
    return tell(
      { line },
      `${file} is there, and is another post`,
      'rename that file, or give the row an id of its own',
    );
  there.set(id, file);
  report.imported.push({ line, id, file });
}

/** False: the name is taken. */
async function writeNew(folder: string, name: string, text: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), text, { flag: 'wx' });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    throw new Refusal(
      `${join(folder, name)} cannot be written (${code ?? 'error'}): mend the rights of the folder, or make room`,
    );
  }
}

/** What the service would say of the new files, at the line that each came from. */
async function checkWritten(
  { config }: CliContext,
  imported: Written[],
  label: string,
): Promise<Problem[]> {
  if (!imported.length) return [];
  const lines = new Map(imported.map(({ file, line }) => [file, line]));
  const { files } = await (await openFolderOf(config, 0)).scan(new Map(), Date.now());
  return files.flatMap((file) => {
    const problems =
      file.kind === 'broken' ? file.problems : file.kind === 'post' ? file.notes : [];
    return problems.flatMap((problem): Problem[] => {
      const line = lines.get(problem.where.replace(/(:\d+)*$/, ''));
      return line === undefined
        ? []
        : [{ ...problem, where: `${label}:${line}`, what: `${problem.where} ${problem.what}` }];
    });
  });
}

function print(
  terminal: CliContext['terminal'],
  { isDry, imported, skipped, problems }: Report,
  label: string,
) {
  const told = [
    ...imported.map(({ line, file }) => ({
      line,
      text: `${label}:${line} ${isDry ? 'would be' : 'is'} ${file}`,
    })),
    ...skipped.map(({ line, why }) => ({ line, text: `${label}:${line} ${why}` })),
    ...problems.map((problem) => ({
      line: Number(/:(\d+)$/.exec(problem.where)?.[1] ?? 0),
      text: `${problem.severity === 'note' ? 'note: ' : ''}${formatProblem(problem)}`,
    })),
  ].toSorted((a, b) => a.line - b.line);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const summary = `${imported.length} ${isDry ? 'would be imported' : 'imported'}, ${skipped.length} there already, ${errors} ${errors === 1 ? 'problem' : 'problems'}.`;
  terminal.print([...told.map(({ text }) => text), summary].join('\n'), {
    dryRun: isDry,
    imported,
    skipped,
    problems,
  });
}
