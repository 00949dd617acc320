import { findNetwork } from '../../core/network/traits-of.ts';
import { plural } from '../../core/plural.ts';
import type { Problem } from '../../core/problem.ts';
import {
  type Column,
  findColumns,
  findStage,
  guessLoss,
  isYesOrNo,
  toKey,
} from './import-columns.ts';
import { isDated, type Table } from './import-table.ts';

type Finding = Omit<Problem, 'where'>;

const lossWords = {
  stage: ['whether a post is a draft, or published already', 'draft'],
  time: ['when posts are published', 'date'],
  networks: ['where posts are published', 'networks'],
  pictures: ['their pictures or videos', 'media'],
} as const;

/**
 * What the table has beside what is read. Without its stage, its time, its network or its picture
 * a post would be another one: then nothing is imported before the user says that the column may be
 * ignored.
 */
export function judgeColumns(table: Table): Finding[] {
  const unread = table.unread.filter(({ cells }) => cells.length > 0);
  const lost = unread.flatMap(({ head, cells }) => judgeLost(head, cells));
  const others = unread.map(({ head }) => head).filter((head) => !lost.some(names(head)));
  return [...lost, ...judgeDoubtful(table), ...judgeByNetwork(table), ...noteUnread(others)];
}

const names = (head: string) => (finding: Finding) => finding.what.includes(`"${head}"`);

const ignoreIt = (head: string) => `add --ignore "${head}" to import without it`;

function judgeLost(head: string, cells: string[]): Finding[] {
  const loss = guessLoss(head) ?? guessFromCells(cells.slice(0, 50));
  if (!loss) return [];
  const [meaning, column] = lossWords[loss];
  return [
    {
      what: `the column "${head}" is unknown, and seems to say ${meaning}`,
      hint: `rename it to ${column} if it does, or ${ignoreIt(head)}`,
      severity: 'error',
    },
  ];
}

function guessFromCells(cells: string[]): keyof typeof lossWords | undefined {
  const isMost = (test: (cell: string) => boolean) => 2 * cells.filter(test).length > cells.length;
  if (isMost((cell) => findStage(cell) !== undefined)) return 'stage';
  if (isMost(isDated)) return 'time';
  if (isMost((cell) => /\.(png|jpe?g|gif|webp|avif|heic|mp4|mov)(\?|$)/i.test(cell)))
    return 'pictures';
  const isNetwork = (cell: string) =>
    cell
      .toLowerCase()
      .split(/[,;|&\s]+/)
      .some(findNetwork);
  return isMost(isNetwork) ? 'networks' : undefined;
}

/** Labels and comments are for colleagues in some tools, and for everybody in others. */
function judgeDoubtful({ heads, rows }: Table): Finding[] {
  const keys = new Set(heads.map(toKey));
  const isFilled = (column: 'tags' | 'comment') => rows.some(({ cells }) => cells[column] !== '');
  const found = findColumns(heads);
  const headOf = (column: Column) => heads[found.indexOf(column)] ?? column;
  const findings: Finding[] = [];
  // Buffer's template.
  if (isFilled('tags') && keys.has('postingtime')) findings.push(doubt(headOf('tags'), 'hashtags'));
  if (isFilled('comment')) findings.push(doubt(headOf('comment'), 'first_comment'));
  return findings;
}

const doubt = (head: string, column: string): Finding => ({
  what: `the column "${head}" may hold notes for yourself`,
  hint: `rename it to ${column} to publish it, or ${ignoreIt(head)}`,
  severity: 'error',
});

function judgeByNetwork({ rows }: Table): Finding[] {
  const heads = new Set(
    rows.flatMap(({ byNetwork }) =>
      byNetwork.flatMap(([head, cell]) => (isYesOrNo(cell) ? [] : [head])),
    ),
  );
  return [...heads].map((head) => ({
    what: `the column "${head}" is named after a network, and holds more than yes or no`,
    hint: `put its texts into rows of their own with the column networks, or ${ignoreIt(head)}`,
    severity: 'error',
  }));
}

function noteUnread(heads: string[]): Finding[] {
  if (!heads.length) return [];
  const quoted = heads.map((head) => `"${head}"`).join(', ');
  return [
    {
      what: `${plural(heads.length, 'unknown column')}: ${quoted}`,
      hint: 'docs/import.md lists the columns that are read',
      severity: 'note',
    },
  ];
}
