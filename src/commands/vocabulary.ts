import { ownCommand } from '../core/text/own-command.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { Refusal } from '../core/problem.ts';
import { didYouMean, suggest } from '../core/text/suggest.ts';
import { type Command, type Input, WrongUsage } from './command.ts';
import { commands } from './all-commands.ts';

/** Verbs that exist on the command line only. */
const cliVerbs = [
  'check',
  'serve',
  'sandbox',
  'rehearse',
  'config',
  'accounts',
  'report',
  'export',
  'backup',
  'import',
  'init',
  'completion',
];

/** A parsed line. `help` may name the verb that it asks about. */
export type Said =
  | { kind: 'command'; command: Command; input: Input }
  | { kind: 'help'; verb?: string };

/** How a surface's users write a verb: `/pause`, `/drip pause`. */
export interface Manner {
  prefix: string;
}

/**
 * Reads a line such as `/pause 2h x-main`, `/drip pause until fri 9am` or `skip "hello@bsky"
 * --for-good`. Throws WrongUsage with a suggestion.
 */
export function parseLine(line: string, { prefix }: Manner): Said {
  const words = splitWords(line);
  const first = words[0]?.text.toLowerCase().replace(/^\//, '');
  if (first === 'drip' || first === 'dripline') words.shift();
  // In groups Telegram's users write /pause@the_bot.
  const verb = (words.shift()?.text ?? 'help').toLowerCase().replace(/^\//, '').replace(/@.*$/, '');
  if (verb === 'start') return { kind: 'help' };
  if (verb === 'help')
    return pickDefined({ kind: 'help' as const, verb: words[0]?.text.replace(/^\//, '') });
  const command = commands.find(({ name }) => name === verb);
  if (!command) throw new WrongUsage(whyUnknown(verb, prefix));
  const input = command.takesText ? toText(line) : toInput(command, words, prefix);
  return { kind: 'command', command, input };
}

/** What stands after the verb, with its line breaks. */
const toText = (line: string): Input => ({
  args: [],
  options: {},
  text: line.replace(/^\s*(?:\/?drip(?:line)?\s+)?\S+/i, '').trim(),
});

function whyUnknown(verb: string, prefix: string): string {
  if (cliVerbs.includes(verb)) return `${verb} works on the command line only: ${ownCommand(verb)}`;
  const names = [...commands.map(({ name }) => name), 'help'];
  const meant = suggest(verb, names);
  const hint = meant === undefined ? `${prefix}help lists all verbs` : `did you mean "${meant}"?`;
  return `there is no verb "${verb}": ${hint}`;
}

interface Word {
  text: string;
  isQuoted: boolean;
}

/**
 * Words at blanks; quotes of any kind hold words together. Phones make one long dash of two short
 * ones.
 */
function splitWords(line: string): Word[] {
  return [...line.matchAll(/(?:"([^"]*)"|“([^”]*)”|'([^']*)'(?=\s|$)|(\S+))/g)].map(
    ([, ...found]) => {
      const text = found.find((one) => one !== undefined) ?? '';
      const isQuoted = found[3] === undefined;
      return { text: isQuoted ? text : text.replace(/^[—–]+(?=[a-z])/, '--'), isQuoted };
    },
  );
}

function toInput(command: Command, words: Word[], prefix: string): Input {
  const input: Input = { args: [], options: {} };
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    const [, name, given] =
      (word && !word.isQuoted && /^--([a-z-]+)(?:=(.*))?$/.exec(word.text)) || [];
    if (!word || name === undefined) {
      if (word) input.args.push(word.text);
      continue;
    }
    const option = optionOf(command, name, prefix);
    if (option.value === undefined) input.options[name] = true;
    else {
      const value = given ?? words[++i]?.text;
      if (value === undefined)
        throw new WrongUsage(`--${name} takes a value: ${usageOf(command, prefix)}`);
      input.options[name] = value;
    }
  }
  checkCount(command, input.args.length, prefix);
  return input;
}

function optionOf(command: Command, name: string, prefix: string) {
  const options = command.options ?? [];
  const option = options.find((one) => one.name === `--${name}`);
  if (option) return option;
  const known = options.map((one) => one.name);
  const hint = known.length ? didYouMean(`--${name}`, known) : usageOf(command, prefix);
  throw new WrongUsage(`${command.name} has no --${name}: ${hint}`);
}

function checkCount(command: Command, count: number, prefix: string) {
  const places = command.args?.match(/[<[][^\]>]+[\]>]/g) ?? [];
  const least = places.filter((place) => place.startsWith('<')).length;
  const most = places.some((place) => place.includes('...')) ? Infinity : places.length;
  if (count < least)
    throw new WrongUsage(`an argument is missing: use ${usageOf(command, prefix)}`);
  if (count > most) throw new WrongUsage(`too many arguments: use ${usageOf(command, prefix)}`);
}

const usageOf = ({ name, args, options = [] }: Command, prefix: string) =>
  [
    `${prefix}${name}`,
    args,
    ...options
      .filter((one) => one.name !== '--yes')
      .map((one) => `[${[one.name, one.value].filter(Boolean).join(' ')}]`),
  ]
    .filter(Boolean)
    .join(' ');

/** All verbs, or one of them with its options and examples. */
export function tellHelp(verb: string | undefined, { prefix }: Manner): string {
  if (verb === undefined)
    return [
      ...commands.map(
        (command) => `${usageOf({ ...command, options: [] }, prefix)}: ${command.help}`,
      ),
      `${prefix}help VERB: one verb in detail`,
    ].join('\n');
  const command = commands.find(({ name }) => name === verb);
  if (!command) throw new WrongUsage(whyUnknown(verb, prefix));
  const options = (command.options ?? []).filter(({ name }) => name !== '--yes');
  return [
    `${usageOf(command, prefix)}: ${command.help}`,
    ...options.map(
      ({ name, value, help }) => `  ${[name, value].filter(Boolean).join(' ')}: ${help}`,
    ),
    ...(command.examples ?? [])
      .filter((line) => !line.includes('>') && !line.includes('--yes'))
      .map((line) => `For example: ${prefix}${line}`),
  ].join('\n');
}

/** Rewrites the command line's form of verbs to that of the surface. */
export const inManner = (text: string, { prefix }: Manner): string =>
  text.replaceAll(/`(?:npx )?dripline ([a-z]+)/g, (whole, verb: string) =>
    cliVerbs.includes(verb) ? whole : `\`${prefix}${verb}`,
  );

/** Why it was refused, for a person; undefined: another kind of error, which the caller reports. */
export const tellRefusal = (error: unknown, manner: Manner): string | undefined =>
  error instanceof Refusal ? toSentence(inManner(error.message, manner)) : undefined;

const toSentence = (text: string) =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
