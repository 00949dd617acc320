// npm run test:dates: the whole suite on days that are known for surprises, under libfaketime.
// `-- --only 2028-02-29` picks dates; what follows goes to vitest: `-- test/flow`.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';

/** UTC; the clocks change at 01:00 in Europe, and at 06:00 or 07:00 in New York. */
const dates: Record<string, string> = {
  '2027-02-01 08:00': 'a Monday',
  '2027-02-02 23:50': 'a Tuesday before midnight',
  '2027-02-03 00:05': 'a Wednesday after midnight',
  '2027-02-04 12:00': 'a Thursday',
  '2027-02-05 21:30': 'a Friday evening',
  '2027-02-06 12:00': 'a Saturday',
  '2027-02-07 21:00': 'a Sunday, as weeks are learned',
  '2027-03-28 00:55': 'before the clocks go forward',
  '2027-10-31 00:55': 'before the clocks go back',
  '2027-01-31 23:30': 'the end of a month of 31 days',
  '2027-04-30 12:00': 'the end of a month of 30 days',
  '2027-02-28 23:30': 'the end of February',
  '2028-02-29 12:00': 'a leap day',
  '2026-12-31 23:55': 'New Year in UTC',
  '2026-12-31 22:58': 'New Year in Berlin',
};

const { values, positionals } = parseArgs({
  options: { only: { type: 'string', multiple: true, default: [] } },
  allowPositionals: true,
});

if (spawnSync('faketime', ['--version']).error) {
  console.error('faketime is missing: apt-get install faketime');
  process.exit(2);
}

const chosen = Object.entries(dates).filter(
  ([date]) => !values.only.length || values.only.some((one) => date.startsWith(one)),
);
if (!chosen.length) {
  console.error(`--only takes one of ${Object.keys(dates).join(', ')}`);
  process.exit(2);
}

interface Outcome {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { name: string; assertionResults: { status: string; fullName: string }[] }[];
}

/** The wall clock alone is another one: what is waited for takes as long as ever. */
async function runOn(date: string): Promise<Outcome> {
  const file = join(mkdtempSync(join(tmpdir(), 'dripline-dates-')), 'results.json');
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`];
  const vitest = ['node_modules/.bin/vitest', 'run', ...positionals, ...reporters];
  const child = spawn('faketime', ['-f', `@${date}:00`, process.execPath, ...vitest], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, TZ: 'UTC', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
  });
  await new Promise((resolve) => child.once('exit', resolve));
  return JSON.parse(readFileSync(file, 'utf8')) as Outcome;
}

const table = new Table({ head: ['UTC', 'day', 'passed', 'failed'], style: { head: [] } });
const failures: string[] = [];
for (const [date, day] of chosen) {
  const { numPassedTests, numFailedTests, testResults } = await runOn(date);
  table.push([date, day, numPassedTests, numFailedTests]);
  console.log(`${date} (${day}): ${numPassedTests} passed, ${numFailedTests} failed`);
  for (const { assertionResults } of testResults)
    for (const { status, fullName } of assertionResults)
      if (status === 'failed') failures.push(`${date}: ${fullName}`);
}
console.log(table.toString());
for (const failure of failures) console.log(failure);
process.exitCode = failures.length ? 1 : 0;
