import { CommanderError } from 'commander';
import { explain } from './terminal.ts';
import { buildProgram } from './program.ts';

// A pipe that is closed early (`dripline journal | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await buildProgram(process.cwd()).parseAsync();
  process.exitCode ??= 0;
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const text = explain(error);
    process.stderr.write(process.argv.includes('--json') ? `${JSON.stringify({ error: text })}\n` : `${text}\n`);
    process.exitCode = 1;
  }
}
// All is closed by now; what libraries leave behind (Agenda's timers, sockets kept alive) must not keep the program.
process.stdout.write('', () => process.exit());
