import { join } from 'node:path';
import { Command as Program } from 'commander';
import type { Command, CommandContext } from '../commands/command.ts';
import { networks } from '../core/network/network.ts';
import { plural } from '../core/plural.ts';
import { formatProblem, type Problem, Refusal } from '../core/problem.ts';
import { openScrubber, toPrintable, toPrintableJson } from '../io/scrub.ts';
import { version } from '../app/version.ts';
import type { CliContext } from './cli-context.ts';
import { type OwnVerb, ownVerbs } from './own-verbs.ts';
import { openTerminal } from './terminal.ts';

export interface ProgramOptions {
  /** The verbs that other surfaces have too. */
  commands: readonly Command[];
  /** Usage errors are left to the caller to report. */
  isJson: boolean;
  /** Gets the exit code of the verb that ran without an error. */
  onExitCode?(code: number): void;
}

interface Surroundings {
  folder: string;
  end(code: number | void): void;
}

/** The given verbs, and those that only the command line has, with their help. */
export function buildProgram(
  folder: string,
  { commands, isJson, onExitCode }: ProgramOptions,
): Program {
  const program = new Program('dripline')
    .version(version)
    .exitOverride()
    .showHelpAfterError(isJson ? false : '(--help explains)')
    .description(
      'A drip marketing scheduler. It publishes Markdown posts at a steady cadence to X, Bluesky ' +
        'and Mastodon, and writes sequences to people who asked for them.',
    )
    .usage('<verb> [options]')
    .addHelpText('after', footer)
    .configureHelp({ sortSubcommands: false, subcommandTerm: toTerm });
  if (isJson) program.configureOutput({ writeErr: () => undefined });
  const around: Surroundings = { folder, end: (code) => onExitCode?.(code ?? 0) };
  for (const command of commands) addCommand(program, command, around);
  for (const verb of ownVerbs) addOwn(program, verb, around);
  addInit(program, around);
  addCompletion(program);
  return program;
}

const footer = `
Help for one verb: dripline <verb> --help
Without a configuration, \`serve\` runs a sandbox. Nothing leaves this machine then.`;

function toTerm(verb: Program): string {
  const args = verb.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  return [verb.name(), ...args].join(' ');
}

function addCommand(program: Program, command: Command, { folder, end }: Surroundings) {
  const verb = program
    .command([command.name, command.args].filter(Boolean).join(' '))
    .description(command.help)
    .option('--json', 'for other tools');
  for (const { name, value, help } of command.options ?? [])
    verb.option([name, value].filter(Boolean).join(' '), help);
  if (command.examples) {
    const lines = command.examples.map((line) => `  dripline ${line}`);
    verb.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
  }
  verb.action(async (...given: unknown[]) => {
    const cli = await openUsable(folder, verb, given);
    const { openCommands } = await import('../app/open-commands.ts');
    await using context = await openCommands(cli.config, 'cli');
    end(await runCommand(command, context, cli));
  });
}

/** Returns the exit code. */
async function runCommand(
  command: Command,
  context: CommandContext,
  { args, options, terminal }: CliContext,
): Promise<number> {
  const input = {
    args,
    options: Object.fromEntries(
      Object.entries(options).flatMap(([name, value]) =>
        typeof value === 'object' ? [] : [[toDashes(name), value]],
      ),
    ),
  };
  if (command.confirm && options['yes'] !== true && !terminal.isJson) {
    const question = command.confirm(input);
    if (!terminal.canAsk)
      throw new Refusal(`${question} Dripline cannot ask without a terminal: confirm with --yes`);
    if (!/^y(es)?$/i.test((await terminal.ask(`${question} [y/N] `)).trim()))
      throw new Refusal('Not done.');
  }
  const reply = await command.run(context, input);
  terminal.print(reply.text, reply.json);
  return reply.hasFailed ? 1 : 0;
}

const toDashes = (name: string) =>
  name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const readConfig = async (folder: string) => (await import('../config/load.ts')).loadConfig(folder);

/** A configuration with a fault is replaced by that of the last service. */
async function openUsable(folder: string, verb: Program, given: unknown[]): Promise<CliContext> {
  const { loadUsableConfig } = await import('../app/last-config.ts');
  const { config, faults } = await loadUsableConfig(folder);
  const cli = open({ folder, config }, verb, given);
  if (faults.length) tellFaults(faults, cli);
  return cli;
}

/** To standard error: what the command answers stays what other tools expect. */
function tellFaults(faults: readonly Problem[], { terminal, config }: CliContext) {
  const scrub = openScrubber(config.secrets);
  const what = `The configuration has ${plural(faults.length, 'error')}`;
  const warning = `${what}. Dripline used the settings of its last start. Correct the file`;
  const text = terminal.isJson
    ? JSON.stringify({ warning, problems: faults })
    : [...faults.map(formatProblem), `${warning}.`].join('\n');
  const printable = terminal.isJson ? toPrintableJson : toPrintable;
  process.stderr.write(`${printable(scrub(text))}\n`);
}

/** commander hands over the arguments, then the options, then the command. */
function open(
  { folder, config }: Pick<CliContext, 'folder' | 'config'>,
  verb: Program,
  given: unknown[],
): CliContext {
  const options = verb.opts<CliContext['options']>();
  const args = given
    .slice(0, -2)
    .flat()
    .filter((one): one is string => typeof one === 'string');
  return {
    folder,
    config,
    options,
    args,
    terminal: openTerminal({ isJson: options['json'] === true, secrets: config.secrets }),
  };
}

function addOwn(
  program: Program,
  { usage, help, options = [], needsStoreAlone, run }: OwnVerb,
  { folder, end }: Surroundings,
) {
  const verb = program.command(usage).description(help).option('--json', 'for other tools');
  for (const [flag, text] of options) verb.option(flag, text);
  const openCli = async (given: unknown[]) =>
    needsStoreAlone
      ? openUsable(folder, verb, given)
      : open({ folder, config: await readConfig(folder) }, verb, given);
  verb.action(async (...given: unknown[]) => end(await run(await openCli(given))));
}

/** Without `open`: `init` also serves people whose configuration is missing or broken. */
function addInit(program: Program, { folder, end }: Surroundings) {
  program
    .command('init')
    .description('set up Dripline: write a commented configuration and check each login')
    .option('--json', 'for other tools')
    .option('--network <names...>', networks.join(', '))
    .option('--timezone <zone>', 'IANA time zone')
    .option('--force', 'overwrite existing values; the file and its comments stay')
    .action(async (options: Record<string, unknown>) =>
      end(await (await import('./init/init.ts')).init(folder, options)),
    );
}

/** Without a configuration too. */
function addCompletion(program: Program) {
  program
    .command('completion <shell>')
    .description('print a script with which bash, zsh or fish complete verbs, options and ids')
    .action(async (shell: string) => {
      const { completionFor } = await import('./completing/scripts.ts');
      const home = join(import.meta.dirname, '../..', 'bin', 'dripline.js');
      process.stdout.write(completionFor(shell, { node: process.execPath, program: home }));
    });
}
