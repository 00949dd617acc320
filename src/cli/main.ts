import { CommanderError } from 'commander';
import { WrongUsage } from '../commands/command.ts';
import { ConfigError } from '../config/load.ts';
import { buildProgram } from './program.ts';
import { explain } from './terminal.ts';

const isJson = process.argv.includes('--json');

// A pipe that is closed early (`dripline journal | head`) is no error.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? 0 : 1),
  );

try {
  await buildProgram(process.cwd(), { isJson }).parseAsync();
  process.exitCode ??= 0;
} catch (error) {
  process.exitCode = tellError(error);
}
// All is closed by now; what libraries leave behind (Agenda's timers, sockets kept alive) must not
// keep the program.
process.stderr.write('', () => process.stdout.write('', () => process.exit()));

/**
 * For people in words, which commander has written already where the words were its own; for other
 * tools as one line of JSON. Returns the exit code.
 */
function tellError(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode !== 0 && isJson) writeJson({ error: error.message.replace(/^error: /, '') });
    return error.exitCode === 0 ? 0 : 2;
  }
  const text = explain(error);
  if (isJson)
    writeJson({
      error: text,
      ...(error instanceof ConfigError ? { problems: error.problems } : {}),
    });
  else process.stderr.write(`${text}\n`);
  return error instanceof WrongUsage ? 2 : 1;
}

function writeJson(value: unknown) {
  process.stderr.write(`${JSON.stringify(value)}\n`);
}
