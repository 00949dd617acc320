import { randomUUID } from 'node:crypto';
import {
  type LetterBatch,
  nextSlot,
  printedBatch,
} from '../../core/people/letters/letter-batch.ts';
import { plural } from '../../core/plural.ts';
import { Refusal } from '../../core/problem.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { formatLocal, toIso } from '../../core/time.ts';
import { changeFact, nudge } from '../../flow/facts.ts';
import { batchFact, listBatches } from '../../flow/people/letters/batch-facts.ts';
import { makeEntry } from '../../flow/context.ts';
import type { LetterFile } from '../../ports/people/letters.ts';
import { type Command, type CommandContext, type Reply, WrongUsage } from '../command.ts';
import { isInChat } from './list-people.ts';

const mostShown = 30;
const mostWaiting = 10_000;

export const letters: Command = {
  name: 'letters',
  args: '[printed] [batch]',
  help: 'letters to print; `letters printed BATCH` says that they are',
  examples: ['letters', 'letters printed 2026-11-30'],
  async run(context, { args: [verb, id] }) {
    if (verb === undefined) return listAll(context);
    if (verb !== 'printed')
      throw new WrongUsage(
        `"${verb.slice(0, 40)}" is not known here. Write \`letters printed BATCH\``,
      );
    return markPrinted(context, id);
  },
};

export interface LettersView {
  batches: LetterBatch[];
  waiting: number;
  held: { id: string; person: string; reason: string }[];
  /** When the next ones are put together; absent: letters are not set up. */
  nextAt?: number;
}

/** Shown as soon as there are letters, or could be. */
export async function hasLetters(context: CommandContext): Promise<boolean> {
  if ((await context.openPeople?.())?.letters) return true;
  return (await listBatches(context.store)).length > 0;
}

/** Undefined: there is no such file, or it is no longer kept. */
export async function readLetterFile(
  context: CommandContext,
  { id, file }: { id: string; file: LetterFile },
): Promise<{ bytes: Uint8Array; edition: number } | undefined> {
  const batch = (await listBatches(context.store)).find((one) => one.id === id);
  const files = (await context.openPeople?.())?.letters;
  const bytes = batch && (await files?.read(batch, file));
  return batch && bytes && { bytes, edition: batch.edition };
}

export async function readLetters(context: CommandContext): Promise<LettersView> {
  const { store, clock, settings } = context;
  const hands = await context.openPeople?.();
  const by = { medium: 'letter' as const };
  const [batches, planned, held] = await Promise.all([
    listBatches(store),
    store.people.listDispatches({ ...by, states: ['planned'], order: 'at', limit: mostWaiting }),
    store.people.listDispatches({ ...by, states: ['held'], order: 'at', limit: 100 }),
  ]);
  const time = hands?.letters?.time;
  return pickDefined({
    batches,
    waiting: planned.length,
    held: held.map(({ id, person, reason = '' }) => ({ id, person, reason })),
    nextAt: time && nextSlot(clock.now(), time, settings.zone).at,
  });
}

async function listAll(context: CommandContext): Promise<Reply> {
  const view = await readLetters(context);
  const hands = await context.openPeople?.();
  const { zone } = context.settings;
  const { batches, waiting, held, nextAt } = view;
  const shown = batches.slice(0, mostShown).map((one) => {
    const file =
      one.isCleared || isInChat(context) ? undefined : hands?.letters?.pathOf(one, 'pdf');
    return tellBatch(one, { zone, file });
  });
  const next = nextAt === undefined ? '' : `, put together ${formatLocal(nextAt, zone)}`;
  const lines = [
    ...shown,
    ...held.map(({ id, reason }) => `on hold: ${id}: ${reason}`),
    `${plural(waiting, 'letter')} waiting${waiting > 0 ? next : ''}.`,
    ...(nextAt === undefined && batches.length === 0 ? [notSetUp] : []),
  ];
  return { text: lines.join('\n'), json: { ...view, batches: batches.map(toJson) } };
}

const notSetUp = 'Letters are not set up: add `letters: { sender: …, country: … }`.';

export const stateWords: Record<LetterBatch['state'], string> = {
  collecting: 'being put together',
  made: 'to print',
  printed: 'printed',
};

function tellBatch(
  { id, state, letters: all, takenOut, printedAt }: LetterBatch,
  { zone, file }: { zone: string; file: string | undefined },
): string {
  const when = printedAt === undefined ? '' : ` ${formatLocal(printedAt, zone)}`;
  const words = all.length === 0 && state === 'made' ? 'nobody is left' : stateWords[state] + when;
  const out = takenOut.map(({ dispatch, page }) => `${dispatch} (it was page ${page})`);
  return [
    `${id}  ${plural(all.length, 'letter')}  ${words}`,
    ...(file === undefined || all.length === 0 ? [] : [`  ${file}`]),
    ...(out.length > 0 ? [`  must not go out: ${out.join(', ')}`] : []),
  ].join('\n');
}

const toJson = ({ slotAt, madeAt, printedAt, takenOut, ...rest }: LetterBatch) => ({
  ...rest,
  slotAt: toIso(slotAt),
  ...pickDefined({
    madeAt: madeAt === undefined ? undefined : toIso(madeAt),
    printedAt: printedAt === undefined ? undefined : toIso(printedAt),
  }),
  takenOut: takenOut.map((one) => ({ ...one, at: toIso(one.at) })),
});

async function markPrinted(context: CommandContext, id: string | undefined): Promise<Reply> {
  const { store, clock, by } = context;
  if (!id) throw new WrongUsage('the name of a batch is missing: `letters` lists them');
  const known = (await listBatches(store)).find((one) => one.id === id);
  if (!known) throw new Refusal(`there is no batch "${id.slice(0, 40)}": \`letters\` lists them`);
  const json = { batch: id, printed: true, letters: known.letters.length };
  if (known.state === 'printed') return { text: `${id} was printed already.`, json };
  if (known.state === 'collecting')
    throw new Refusal(`${id} is being put together just now: try again`);
  const at = clock.now();
  await changeFact(store, batchFact(id), (before) => before && printedBatch(before, { at, by }));
  const text = `${plural(known.letters.length, 'letter')} of ${id} printed`;
  const entry = makeEntry(context, 'printed', { id: `letters:${id}:printed:${at}`, by, text });
  const command = context.command ?? randomUUID();
  const said = { command, verb: 'letters printed', before: [], batch: id };
  await store.appendJournal([{ ...entry, data: said }]);
  await nudge(store);
  return { text: `${text}. They count as sent.`, json };
}
