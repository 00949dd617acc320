import { commands } from '../../commands/all-commands.ts';
import type { Command } from '../../commands/command.ts';
import type { Config } from '../../config/config.ts';
import { openStates } from '../../core/delivery/delivery.ts';
import { second } from '../../core/time.ts';
import { within } from '../../ports/deadline.ts';
import { ownVerbs } from '../own-verbs.ts';
import { shells } from './scripts.ts';

/** More are of no help in a list, and a person waits for them. */
const mostIds = 200;
const answerFor = 3 * second;
const longestWord = 300;

/** What may stand in the place of the last word, which is not finished. Nothing where it fails. */
export async function complete(folder: string, words: readonly string[]): Promise<string[]> {
  const last = (words.at(-1) ?? '').slice(0, longestWord);
  const found = await within({ limitFor: answerFor }, () => findAll(folder, words, last)).catch(
    () => [],
  );
  return [...new Set(found)].filter((one) => one.startsWith(last) && !/\s/.test(one));
}

async function findAll(folder: string, words: readonly string[], last: string): Promise<string[]> {
  const [verb = '', ...rest] = words;
  if (!rest.length)
    return [...commands.map(({ name }) => name), ...ownNames(), 'init', 'completion', 'help'];
  if (verb === 'completion') return rest.length === 1 ? [...shells] : [];
  if (verb === 'help') return commands.map(({ name }) => name);
  const command = commands.find(({ name }) => name === verb);
  if (last.startsWith('-')) return optionsOf(verb, command);
  const before = words.at(-2) ?? '';
  if (before === '--account' || before === '--confirm') return accountsIn(folder);
  if (before === '--campaign') return campaignsIn(folder);
  if (before === '--post') return idsIn(folder);
  if (!command || isValue(command, before)) return [];
  return findArguments(folder, command, rest.filter((one) => !one.startsWith('-')).length);
}

const ownNames = () => ownVerbs.map(({ usage }) => usage.split(' ')[0] ?? usage);

function optionsOf(verb: string, command: Command | undefined): string[] {
  const own = ownVerbs.find(({ usage }) => usage.split(' ')[0] === verb)?.options ?? [];
  const names = [
    ...(command?.options ?? []).map(({ name }) => name),
    ...own.map(([flag]) => flag.split(' ')[0] ?? flag),
  ];
  return [...names, '--json', '--help'];
}

const isValue = ({ options = [] }: Command, before: string) =>
  options.some(({ name, value }) => value !== undefined && name === before);

/** `nth` counts from 1. */
async function findArguments(
  folder: string,
  { name, args = '' }: Command,
  nth: number,
): Promise<string[]> {
  if (args.includes('account')) return accountsIn(folder);
  if (/^[<[]id/.test(args) && nth === 1) return idsIn(folder);
  if (name === 'campaign' && nth === 2) return [...(await campaignsIn(folder)), 'none'];
  if (name === 'settle' && nth === 2) return ['released', 'not-released'];
  return [];
}

async function configOf(folder: string): Promise<Config> {
  const { loadUsableConfig } = await import('../../app/last-config.ts');
  return (await loadUsableConfig(folder)).config;
}

const accountsIn = async (folder: string) =>
  (await configOf(folder)).accounts.map(({ name }) => name);
const campaignsIn = async (folder: string) => Object.keys((await configOf(folder)).campaigns);

/** Posts and their deliveries that a verb can still change, and the latest that are published. */
async function idsIn(folder: string): Promise<string[]> {
  const { openCommands } = await import('../../app/open-commands.ts');
  await using context = await openCommands(await configOf(folder), 'cli');
  const { store } = context;
  const states = [...openStates, 'releasing', 'uncertain', 'failed', 'missed'] as const;
  const [open, released] = await Promise.all([
    store.listDeliveries({ states, order: 'at', limit: mostIds }),
    store.listDeliveries({ states: ['released'], order: '-startedAt', limit: mostIds / 4 }),
  ]);
  const all = [...open, ...released];
  return [...all.map(({ post }) => post), ...all.map(({ id }) => id)];
}
