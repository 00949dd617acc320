import { join } from 'node:path';
import { CommanderError } from 'commander';
import { WrongUsage } from '../commands/command.ts';
import { loadCommands } from '../commands/load-commands.ts';
import { ConfigError } from '../config/config.ts';
import { setProgram } from '../core/text/own-command.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { toPrintable, toPrintableJson } from '../io/scrub.ts';
import { findProgram } from './find-program.ts';
import { isOwnVerb } from './own-verbs.ts';
import { buildProgram } from './program.ts';
import { explain } from './terminal.ts';

const isJson = process.argv.includes('--json');

// A pipe that is closed early (`dripline journal | head`) is not an error.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? 0 : 1),
  );

setProgram(
  findProgram({
    home: join(import.meta.dirname, '../..'),
    folder: process.cwd(),
    environment: process.env,
  }),
);

let exitCode = 0;
try {
  const [, , verb, ...words] = process.argv;
  if (verb === '__complete') {
    const { complete } = await import('./completing/complete-words.ts');
    const found = await complete(process.cwd(), words);
    process.stdout.write(toPrintable(found.map((one) => `${one}\n`).join('')));
  } else
    await buildProgram(process.cwd(), {
      commands: isOwnVerb(verb) ? [] : await loadCommands(verb),
      isJson,
      onExitCode: (code) => {
        exitCode = code;
      },
    }).parseAsync();
} catch (error) {
  exitCode = tellError(error);
}
process.exitCode = exitCode;
// Everything is closed by now. What libraries leave behind (Agenda's timers, sockets kept alive)
// must not keep the process running.
process.stderr.write('', () => process.stdout.write('', () => process.exit()));

/**
 * Reports an error: as text for people (commander has written its own errors already), as one line
 * of JSON for other tools. Returns the exit code.
 */
function tellError(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode !== 0 && isJson) writeJson({ error: error.message.replace(/^error: /, '') });
    return error.exitCode === 0 ? 0 : 2;
  }
  const text = explain(error);
  const problems = error instanceof ConfigError ? error.problems : undefined;
  if (isJson) writeJson(pickDefined({ error: text, problems }));
  else process.stderr.write(toPrintable(`${text}\n`));
  return error instanceof WrongUsage ? 2 : 1;
}

function writeJson(value: unknown) {
  process.stderr.write(`${toPrintableJson(JSON.stringify(value))}\n`);
}
