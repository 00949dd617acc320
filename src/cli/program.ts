import { Command as Program } from 'commander';
import type { Command, CommandContext } from '../commands/command.ts';
import { commands } from '../commands/all-commands.ts';
import { loadConfig } from '../config/load.ts';
import { networks } from '../core/network/network.ts';
import { Refusal } from '../core/problem.ts';
import { openCommands, version } from '../app.ts';
import type { CliContext } from './cli-context.ts';
import { openTerminal } from './terminal.ts';

/**
 * Every verb with its help. `isJson`: what is wrong with the words themselves is left to the caller
 * to tell.
 */
export function buildProgram(folder: string, { isJson }: { isJson: boolean }): Program {
  const program = new Program('dripline')
    .version(version)
    .exitOverride()
    .showHelpAfterError(isJson ? false : '(--help explains)')
    .description(
      'A drip scheduler for social media: Markdown posts go out at a steady cadence to X, Bluesky and Mastodon.',
    )
    .usage('<verb> [options]')
    .addHelpText(
      'after',
      '\nOne verb in detail: dripline <verb> --help\nWithout a configuration, `serve` runs a sandbox: nothing leaves this machine.',
    )
    .configureHelp({
      sortSubcommands: false,
      subcommandTerm: (verb) =>
        `${verb.name()} ${verb.registeredArguments.map((argument) => (argument.required ? `<${argument.name()}>` : `[${argument.name()}]`)).join(' ')}`.trim(),
    });
  if (isJson) program.configureOutput({ writeErr: () => undefined });
  for (const command of commands) addCommand(program, command, folder);
  addOwn(program, folder);
  return program;
}

function addCommand(program: Program, command: Command, folder: string) {
  const verb = program
    .command([command.name, command.args].filter(Boolean).join(' '))
    .description(command.help)
    .option('--json', 'for other tools');
  for (const { name, value, help } of command.options ?? [])
    verb.option([name, value].filter(Boolean).join(' '), help);
  if (command.examples)
    verb.addHelpText(
      'after',
      `\nExamples:\n${command.examples.map((line) => `  dripline ${line}`).join('\n')}`,
    );
  verb.action(async (...given: unknown[]) => {
    const cli = open(folder, verb, given);
    await using context = await openCommands(cli.config, 'cli');
    await runCommand(command, context, cli);
  });
}

async function runCommand(
  command: Command,
  context: CommandContext,
  { args, options, terminal }: CliContext,
) {
  const input = {
    args,
    options: Object.fromEntries(
      Object.entries(options).map(([name, value]) => [toDashes(name), value]),
    ),
  };
  if (command.confirm && options['yes'] !== true && !terminal.isJson) {
    if (!terminal.canAsk)
      throw new Refusal(`${command.confirm(input)} There is nobody to ask here: say it with --yes`);
    if (!/^y(es)?$/i.test((await terminal.ask(`${command.confirm(input)} [y/N] `)).trim()))
      throw new Refusal('Not done.');
  }
  const reply = await command.run(context, input);
  terminal.print(reply.text, reply.json);
  if (reply.hasFailed) process.exitCode = 1;
}

const toDashes = (name: string) =>
  name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** commander hands over the arguments, then the options, then the command. */
export function open(folder: string, verb: Program, given: unknown[]): CliContext {
  const options = verb.opts<Record<string, string | boolean | undefined>>();
  const args = given
    .slice(0, -2)
    .flat()
    .filter((one): one is string => typeof one === 'string');
  const config = loadConfig(folder);
  return {
    folder,
    config,
    options,
    args,
    terminal: openTerminal({ isJson: options['json'] === true, secrets: config.secrets }),
  };
}

/** Verbs that are the command line's alone; each is loaded when it is said. */
function addOwn(program: Program, folder: string) {
  const verb = (
    usage: string,
    help: string,
    run: (cli: CliContext) => Promise<void>,
    options: [string, string][] = [],
  ) => {
    const own = program.command(usage).description(help).option('--json', 'for other tools');
    for (const [flag, text] of options) own.option(flag, text);
    own.action((...given: unknown[]) => run(open(folder, own, given)));
  };
  verb(
    'check',
    'problems in posts, media, configuration and accounts, with what to do',
    async (cli) => (await import('./check/check.ts')).check(cli),
    [['--offline', 'do not ask the networks']],
  );
  verb(
    'serve',
    'run: release what is due, until stopped',
    async (cli) => (await import('./serve.ts')).serve(cli),
    [
      ['--yes', 'do not wait for `resume` on the first start'],
      ['--log <how>', 'plain, or json (the default where nobody watches)'],
    ],
  );
  verb(
    'sandbox',
    'run the three local networks alone',
    async (cli) => (await import('./serve-sandbox.ts')).sandbox(cli),
    [
      ['--file <file>', 'where they keep what they accepted'],
      ['--port <port>', 'of the page; the networks take the three after it (4331)'],
      ['--speed <times>', 'how many times faster than life the audience reacts (1)'],
    ],
  );
  verb(
    'rehearse',
    'play the queue in virtual time before a made-up audience, and show what came of it',
    async (cli) => (await import('./rehearse/play.ts')).rehearse(cli),
    [
      ['--weeks <n>', 'how far ahead (8)'],
      ['--seed <n>', 'another one is another audience (1)'],
      ['--chart <file>', 'where the chart goes (rehearsal.svg in the data folder)'],
    ],
  );
  verb(
    'config',
    'the configuration, and where each value comes from',
    async (cli) => (await import('./show-config.ts')).showConfig(cli),
    [['--redacted', 'secrets as dots (they are never shown in any case)']],
  );
  verb(
    'accounts',
    'check the logins',
    async (cli) => (await import('./check-accounts.ts')).accounts(cli),
    [['--confirm <name>', 'the account may be who the network says it is now']],
  );
  verb('feeds', 'what is known of each feed', async (cli) =>
    (await import('./show-feeds.ts')).feeds(cli),
  );
  verb(
    'import <file>',
    'bring in posts from a CSV file, one Markdown file each',
    async (cli) => (await import('./import/import.ts')).importFile(cli),
    [
      ['--dry-run', 'only tell what would be written'],
      ['--dates <order>', 'how 03/04/2026 is meant: day-first or month-first'],
    ],
  );
  verb('export', 'everything that is stored, as JSON lines', async (cli) =>
    (await import('./export.ts')).exportAll(cli),
  );
  verb('backup <file>', 'copy the store while it runs', async (cli) =>
    (await import('./export.ts')).backup(cli),
  );
  // Not through `open`: it is there for those whose configuration is missing or broken.
  program
    .command('init')
    .description('set up: write a commented configuration and check each login')
    .option('--json', 'for other tools')
    .option('--network <names...>', networks.join(', '))
    .option('--timezone <zone>', 'IANA time zone')
    .option('--force', 'overwrite values that are set already; the file and its comments stay')
    .action(async (options: Record<string, unknown>) =>
      (await import('./init/init.ts')).init(folder, options),
    );
}
