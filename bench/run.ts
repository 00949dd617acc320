// npm run bench [part of a name …]: runs the rows one after the other, prints a table and writes
// RESULTS.md.
import { readdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { toTable } from '../src/commands/table.ts';
import type { Bench, Row } from './row.ts';

const folder = join(import.meta.dirname, 'rows');

async function loadBenches(wanted: string[]): Promise<Bench[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort();
  const all = await Promise.all(
    files.map(async (file) => (await import(join(folder, file))) as Bench),
  );
  return all.filter(
    ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
  );
}

function describeMachine(): string {
  const [cpu] = cpus();
  return [
    `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${process.platform} ${process.arch}`,
    `Node ${process.version}`,
  ].join(', ');
}

function toMarkdown(rows: (Row & { name: string })[]): string {
  const lines = rows.map(
    ({ name, what, value, note = '' }) => `| ${name} | ${what} | ${value} | ${note} |`,
  );
  return [
    '# Benchmarks',
    '',
    `${new Date().toISOString().slice(0, 10)}, ${describeMachine()}. Written by \`npm run bench\`.`,
    '',
    '| bench | what | value | note |',
    '|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}

const wanted = process.argv.slice(2);
const rows: (Row & { name: string })[] = [];
for (const bench of await loadBenches(wanted)) {
  console.log(`${bench.name} …`);
  rows.push(...(await bench.run()).map((row) => ({ name: bench.name, ...row })));
}
console.log(describeMachine());
console.log(
  toTable(
    ['bench', 'what', 'value', 'note'],
    rows.map(({ name, what, value, note = '' }) => [name, what, value, note]),
  ),
);
// Only a complete run is recorded.
if (wanted.length === 0) await writeFile(join(import.meta.dirname, 'RESULTS.md'), toMarkdown(rows));
// Agenda leaves timers running.
process.exit(0);
