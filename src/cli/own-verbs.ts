import type { CliContext } from './cli-context.ts';

/** A verb that only the command line offers. */
export interface OwnVerb {
  usage: string;
  help: string;
  /** Each flag with its help. */
  options?: [flag: string, help: string][];
  /** It works with a configuration that has a fault, too. */
  needsStoreAlone?: true;
  /** Returns the exit code, if the verb can fail without an error. */
  run(cli: CliContext): Promise<number | void>;
}

/** Each loads its code only when it runs. */
export const ownVerbs: OwnVerb[] = [
  {
    usage: 'check',
    help: 'list problems in posts, media, configuration and accounts, with what to do',
    options: [['--offline', 'do not ask the networks']],
    run: async (cli) => (await import('./check/check.ts')).check(cli),
  },
  {
    usage: 'serve',
    help: 'run Dripline: publish what is due, until it is stopped',
    options: [
      ['--yes', 'start posting at once, without `resume` after the first start'],
      ['--log <how>', 'plain, or json (the default without a terminal)'],
    ],
    run: async (cli) => (await import('./serve.ts')).serve(cli),
  },
  {
    usage: 'mcp',
    help: 'serve an AI agent on standard input and output: it may look, draft and pause',
    options: [['--name <name>', 'who the agent is in the journal (agent)']],
    needsStoreAlone: true,
    run: async (cli) => (await import('./serve-agent.ts')).mcp(cli),
  },
  {
    usage: 'sandbox',
    help: 'run only the three local networks',
    options: [
      ['--file <file>', 'where they keep what they accepted'],
      ['--port <port>', 'of the page; the networks use the three ports after it (4331)'],
      ['--speed <times>', 'how many times faster than real time the audience reacts (1)'],
    ],
    run: async (cli) => (await import('./serve-sandbox.ts')).sandbox(cli),
  },
  {
    usage: 'rehearse',
    help: 'simulate the queue before a made-up audience, and show the result',
    options: [
      ['--weeks <n>', 'how far ahead (8)'],
      ['--seed <n>', 'a whole number; each seed is a different audience (1)'],
      ['--entering <n>', 'people who enter each sequence a day (as in the last four weeks)'],
      ['--chart <file>', 'where to write the chart (rehearsal.svg in the data folder)'],
    ],
    run: async (cli) => (await import('./rehearse/play.ts')).rehearse(cli),
  },
  {
    usage: 'config',
    help: 'show the configuration, and where each value comes from',
    options: [['--redacted', 'show secrets as dots (this is always so)']],
    run: async (cli) => (await import('./show-config.ts')).showConfig(cli),
  },
  {
    usage: 'accounts',
    help: 'check that Dripline can log in to each account',
    options: [['--confirm <name>', 'accept the new identity that the network reports']],
    run: async (cli) => (await import('./check-accounts.ts')).accounts(cli),
  },
  {
    usage: 'report',
    help: 'write a month as a page to print or send',
    options: [
      ['--month <month>', 'such as 2026-11 (this month)'],
      ['--out <file>', 'where to write it (dripline-report-2026-11.html)'],
    ],
    run: async (cli) => (await import('./report.ts')).report(cli),
  },
  {
    usage: 'import <file>',
    help: 'import posts from a CSV file, or with --consent people who may be written to',
    options: [
      ['--consent <text>', 'the file is a list of people; where and when they agreed'],
      ['--by <way>', 'with --consent: they agreed to mail alone, or to letters alone'],
      ['--enrol <sequence>', 'with --consent: let them enter this sequence'],
      ['--dry-run', 'only show what would be written'],
      ['--dates <order>', 'how to read 03/04/2026: day-first or month-first'],
      ['--ignore <columns...>', 'import without these columns'],
    ],
    run: async (cli) =>
      cli.options['consent'] === undefined
        ? (await import('./import/import.ts')).importFile(cli)
        : (await import('./people/import-people.ts')).importPeople(cli),
  },
  {
    usage: 'export [file]',
    help: 'write everything in the store as JSON lines, to a file or to the terminal',
    options: [
      ['--move', 'another store takes over: this one refuses to serve from now on'],
      ['--take-back', 'this store serves again after a move'],
      ['--people', 'all that is known of people, a line of JSON for each'],
      ['--person <id>', 'all that is known of one person, as JSON'],
    ],
    needsStoreAlone: true,
    run: async (cli) =>
      cli.options['people'] || cli.options['person']
        ? (await import('./people/export-people.ts')).exportPeople(cli)
        : (await import('./moving/export.ts')).exportAll(cli),
  },
  {
    usage: 'backup <file>',
    help: 'copy the store; Dripline may keep running',
    needsStoreAlone: true,
    run: async (cli) => (await import('./moving/backup.ts')).backup(cli),
  },
  {
    usage: 'restore <file>',
    help: 'fill an empty store from an export, which may come from the other kind of store',
    run: async (cli) => (await import('./moving/restore.ts')).restore(cli),
  },
];

export const isOwnVerb = (name: string | undefined): boolean =>
  name === 'init' ||
  name === 'completion' ||
  ownVerbs.some(({ usage }) => usage.split(' ')[0] === name);
