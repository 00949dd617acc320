import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, resolve } from 'node:path';
import { readRows, type Row } from './csv-rows.ts';
import { openCommands } from '../../app/open-commands.ts';
import { openLettersOf } from '../../app/people/open-letters.ts';
import { findSequence, openHands, type Hands } from '../../commands/people/people-hands.ts';
import { type CommandContext, WrongUsage } from '../../commands/command.ts';
import { type Consent, everything } from '../../core/people/consent.ts';
import { type Address, keyOfAddress, type Medium, type Person } from '../../core/people/person.ts';
import type { Sequence } from '../../core/people/sequence.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { plural } from '../../core/plural.ts';
import { formatProblem, type Problem, Refusal } from '../../core/problem.ts';
import { isZone } from '../../core/time.ts';
import { nudge } from '../../flow/facts.ts';
import { enter } from '../../flow/people/enter.ts';
import { type Newcomers, openNewcomers } from './newcomers.ts';
import type { CliContext } from '../cli-context.ts';
import { type Posting, readAddresses, type Values } from './row-addresses.ts';

interface Report {
  isDry: boolean;
  added: number;
  known: number;
  /** They have said stop: an import changes nothing about that. */
  stopped: number;
  enrolled: number;
  problems: Problem[];
}

const mostTold = 20;
const longestCell = 500;
const mostFields = 30;

/**
 * Everybody of a list whose consent somebody states: where and when they agreed. A second run adds
 * nothing, and who has stopped stays stopped. Exit 1 with any row that cannot be used.
 */
export async function importPeople(cli: CliContext): Promise<number> {
  const { config, args, options, terminal } = cli;
  const words = String(options['consent'] ?? '').trim();
  if (words.length < 10)
    throw new WrongUsage(
      '--consent needs a sentence: where and when these people agreed to get mail from you',
    );
  await using context = await openCommands(config, 'cli');
  const hands = await openHands(context);
  const sequence =
    options['enrol'] === undefined ? undefined : findSequence(hands, String(options['enrol']));
  const isDry = options['dryRun'] === true;
  const report: Report = { isDry, added: 0, known: 0, stopped: 0, enrolled: 0, problems: [] };
  const file = resolve(cli.folder, args[0] ?? '');
  const posting = { press: await openLettersOf(config), country: config.letters?.country ?? '' };
  const importing = {
    context,
    hands,
    posting,
    words,
    media: readMedia(options['by']),
    label: basename(file),
    report,
    sequence,
    newcomers: openNewcomers(hands.context, { sequence, report }),
  };
  await assertReadable(file);
  for await (const row of readRows(file)) await takeRow(importing, row);
  await importing.newcomers.flush();
  if (!isDry) await nudge(context.store);
  terminal.print(tell(report), report);
  return report.problems.length > 0 ? 1 : 0;
}

/** Without a word: whatever the list has an address for. */
function readMedia(by: CliContext['options'][string]): readonly Medium[] {
  if (by === undefined) return ['mail', 'letter'];
  if (by === 'mail' || by === 'letter') return [by];
  throw new WrongUsage('--by needs mail or letter: what these people agreed to');
}

function tell({ isDry, added, known, stopped, enrolled, problems }: Report): string {
  const more = problems.length - mostTold;
  const verb = isDry ? 'would be added' : 'added';
  return [
    ...problems.slice(0, mostTold).map(formatProblem),
    ...(more > 0 ? [`… and ${plural(more, 'row')} more that cannot be used`] : []),
    `${plural(added, 'person', 'people')} ${verb}, ${known} known already, ` +
      `${stopped} have said stop or were forgotten, ` +
      `${enrolled} ${isDry ? 'would be ' : ''}enrolled, ${plural(problems.length, 'problem')}.`,
  ].join('\n');
}

/** Before anybody is taken in: a name in another encoding would go out as it was misread. */
async function assertReadable(file: string): Promise<void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const name = basename(file);
  try {
    for await (const chunk of createReadStream(file))
      decoder.decode(chunk as Buffer, { stream: true });
    decoder.decode();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code.startsWith('ERR_')) throw new Refusal(`${name} is not UTF-8: save it as "CSV UTF-8"`);
    if (code === 'ENOENT') throw new Refusal(`there is no file ${name}: name a CSV file`);
    throw new Refusal(`${name} cannot be read (${code || String(error)}): name a CSV file`);
  }
}

interface Importing {
  posting: Posting;
  context: CommandContext;
  hands: Hands;
  words: string;
  /** What they agreed to. */
  media: readonly Medium[];
  label: string;
  report: Report;
  sequence: Sequence | undefined;
  newcomers: Newcomers;
}

async function takeRow(importing: Importing, row: Row): Promise<void> {
  const { report } = importing;
  const read = await readRow(importing, row);
  if (!read) return;
  const { values, addresses } = read;
  const { line } = row;
  const { people } = importing.context.store;
  const keys = addresses.map(keyOfAddress);
  if (importing.newcomers.has(keys)) {
    await importing.newcomers.flush();
    if (report.isDry) {
      report.known += 1;
      return;
    }
  }
  let known: Person | undefined;
  for (const key of keys) known ??= await people.findPersonByAddress(key);
  if (!known && (await isStopped(importing, keys))) {
    report.stopped += 1;
    return;
  }
  if (known) report.known += 1;
  else report.added += 1;
  if (known && !report.isDry) {
    const person = await addAddresses(importing, known, addresses);
    return agree(importing, person, { addresses, line });
  }
  if (known) return;
  const person = toPerson(importing, values, addresses);
  const consents = toConsents(importing, person, { addresses, line });
  await importing.newcomers.add({ person, consents, keys });
}

/** Undefined: it cannot be used, and it is said why. */
async function readRow(
  { report, label, posting }: Importing,
  { line, cells, heads }: Row,
): Promise<{ values: Values; addresses: Address[] } | undefined> {
  const beyond = cells.slice(heads.length).some((cell) => cell.trim() !== '');
  if (beyond) {
    const what =
      'has more cells than the first line has names: put quotes around a cell with a comma';
    report.problems.push({ where: `${label}:${line}`, what, severity: 'error' });
    return undefined;
  }
  const values = Object.fromEntries(
    heads.map((head, i) => [head, (cells[i] ?? '').trim().slice(0, longestCell)]),
  );
  const read = await readAddresses(posting, values);
  if ('why' in read) {
    report.problems.push({ where: `${label}:${line}`, what: read.why, severity: 'error' });
    return undefined;
  }
  return { values, addresses: read.addresses };
}

/** A list may bring the postal address of somebody who is known by mail. */
async function addAddresses(
  { context }: Importing,
  before: Person,
  told: readonly Address[],
): Promise<Person> {
  const own = new Set(before.addresses.map(keyOfAddress));
  const more = told.filter((one) => !own.has(keyOfAddress(one)));
  if (more.length === 0) return before;
  // Letters go to the first postal address: the newest list is right.
  const isPostal = ({ medium }: Address) => medium === 'letter';
  const addresses = [
    ...more.filter(isPostal),
    ...before.addresses,
    ...more.filter((one) => !isPostal(one)),
  ];
  const after = { ...before, addresses };
  return (await context.store.people.changePerson(before, after)) ?? before;
}

/** Of somebody unknown: who was forgotten stays so, and is not brought back by a list. */
async function isStopped({ context, hands }: Importing, keys: readonly string[]): Promise<boolean> {
  const hashes = keys.map(hands.context.hashOf);
  const stops = await context.store.people.listSuppressions(hashes);
  return stops.some(({ purpose }) => purpose === everything);
}

function toPerson(
  { context }: Importing,
  { mail: _mail, zone = '', lang = '', ...rest }: Values,
  addresses: Address[],
): Person {
  const now = context.clock.now();
  const fields = Object.fromEntries(
    Object.entries(rest)
      .filter(([name, cell]) => name !== '' && cell !== '')
      .slice(0, mostFields),
  );
  return pickDefined({
    id: `p-${randomBytes(5).toString('hex')}`,
    status: 'new' as const,
    createdAt: now,
    addresses,
    fields,
    zone: isZone(zone) ? zone : undefined,
    lang: /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(lang) ? lang : undefined,
    score: 0,
    scoredAt: now,
    revision: 1,
  });
}

interface Stating {
  addresses: readonly Address[];
  line: number;
}

/** What the list states; it ends no stop. */
async function agree(importing: Importing, person: Person, stating: Stating): Promise<void> {
  const { context, hands, report, sequence } = importing;
  const { people } = context.store;
  await people.addConsents(toConsents(importing, person, stating));
  const keys = stating.addresses.map(keyOfAddress);
  const stops = await people.listSuppressions(keys.map(hands.context.hashOf));
  if (stops.length > 0) report.stopped += 1;
  else if (sequence) {
    const entered = await enter(hands.context, { person, sequence, by: 'import' });
    if (entered.is === 'entered') report.enrolled += 1;
  }
}

function toConsents(
  { context, words, media, label }: Importing,
  person: Person,
  { addresses, line }: Stating,
): Consent[] {
  const own = new Set(person.addresses.map(keyOfAddress));
  // An address that belongs to somebody else is theirs.
  const stated = addresses.filter(
    (one) => own.has(keyOfAddress(one)) && media.includes(one.medium),
  );
  return stated.map((address) => {
    const addressKey = keyOfAddress(address);
    const digest = createHash('sha256').update(`${words}\n${addressKey}`).digest('hex');
    return {
      id: `import:${digest.slice(0, 32)}`,
      person: person.id,
      medium: address.medium,
      addressKey,
      purpose: everything,
      way: 'import',
      at: context.clock.now(),
      words,
      from: `${label}:${line}`,
    };
  });
}
