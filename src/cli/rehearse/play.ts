import { ownCommand } from '../../core/text/own-command.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { rehearse as play } from '../../app.ts';
import { WrongUsage } from '../../commands/command.ts';
import { plural } from '../../core/plural.ts';
import { Refusal } from '../../core/problem.ts';
import { second } from '../../core/time.ts';
import { toChart } from '../../rehearsal/chart.ts';
import type { CliContext } from '../cli-context.ts';
import { tellPeople, toPeopleJson } from './people-text.ts';
import { toJson, toText } from './rehearsal-text.ts';

/** Simulates the queue in virtual time and shows the result. Writes only the chart. */
export async function rehearse({ folder, config, options, terminal }: CliContext): Promise<void> {
  const weeks = toNumber(options['weeks'] ?? '8', {
    from: 1,
    to: 52,
    usage: '--weeks takes a number of weeks from 1 to 52, such as 8',
  });
  const seed = toNumber(options['seed'] ?? '1', {
    from: 0,
    to: 1e9,
    usage: '--seed takes a whole number: each seed is a different audience',
  });
  if (!config.accounts.length)
    throw new Refusal(
      'there are no accounts to rehearse with: add one under accounts, or run ' +
        ownCommand('init'),
    );
  const file =
    typeof options['chart'] === 'string'
      ? resolve(folder, options['chart'])
      : join(config.folders.data, 'rehearsal.svg');
  const entering =
    options['entering'] === undefined
      ? undefined
      : toNumber(options['entering'], {
          from: 0,
          to: 100_000,
          usage: '--entering takes how many people enter each sequence a day, such as 5',
        });
  const progress = openProgress(weeks);
  const rehearsal = await play(config, { weeks, seed, entering, onProgress: progress.tell });
  progress.end();
  if (config.feeds.length)
    rehearsal.notes.push('Feeds are not read: posts that they would add are not included.');
  writeChart(file, toChart(rehearsal));
  const shown = relative(folder, file).startsWith('..') ? file : relative(folder, file);
  const { people } = rehearsal;
  const text = [toText(rehearsal, shown), ...(people ? ['', tellPeople(people, config.zone)] : [])];
  terminal.print(text.join('\n'), { ...toJson(rehearsal, file), ...toPeopleJson(people) });
}

function toNumber(
  text: unknown,
  { from, to, usage }: { from: number; to: number; usage: string },
): number {
  const value = text === '' ? Number.NaN : Number(text);
  if (!Number.isInteger(value) || value < from || value > to) throw new WrongUsage(usage);
  return value;
}

function writeChart(file: string, svg: string) {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, svg);
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    throw new Refusal(
      `the chart cannot be written to ${file} (${code}): name another file with --chart`,
    );
  }
}

const sayEvery = 5 * second;

/** On standard error: one changing line in a terminal, else one line every few seconds. */
function openProgress(weeks: number) {
  const isWatched = process.stderr.isTTY === true;
  let saidAt = performance.now();
  return {
    async tell(share: number) {
      const text = `rehearsing ${plural(weeks, 'week')}: ${Math.round(share * 100)} %`;
      if (isWatched) process.stderr.write(`\r${text}`);
      else if (performance.now() - saidAt >= sayEvery) {
        saidAt = performance.now();
        process.stderr.write(`${text}\n`);
      }
    },
    end: () => void (isWatched && process.stderr.write('\r\u001B[K')),
  };
}
