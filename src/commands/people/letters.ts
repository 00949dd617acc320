import { randomUUID } from 'node:crypto';
import {
  type LetterBatch,
  nextSlot,
  printedBatch,
  withoutLetters,
} from '../../core/people/letters/letter-batch.ts';
import { mustNotGo, tellPages } from '../../core/people/letters/taken-out.ts';
import { plural } from '../../core/plural.ts';
import { Refusal } from '../../core/problem.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { formatLocal, toIso } from '../../core/time.ts';
import { changeFact, nudge } from '../../flow/facts.ts';
import { batchFact, listBatches } from '../../flow/people/letters/batch-facts.ts';
import { whoStays } from '../../flow/people/letters/may-stay.ts';
import { tellTakenOut } from '../../flow/people/letters/tell-taken-out.ts';
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
  batch: LetterBatch,
  { zone, file }: { zone: string; file: string | undefined },
): string {
  const { id, state, letters: all, printedAt } = batch;
  const when = printedAt === undefined ? '' : ` ${formatLocal(printedAt, zone)}`;
  const words = all.length === 0 && state === 'made' ? 'nobody is left' : stateWords[state] + when;
  const out = mustNotGo(batch).map((one) => `${one.dispatch} (${tellPages(batch, one)})`);
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
  const after = await takeForPrinted(context, known, at);
  const out = after.takenOut.slice(known.takenOut.length).filter(({ wasSent }) => !wasSent);
  const pages = out.map((one) => `${one.dispatch}: ${tellPages(after, one)}`).join('; ');
  const first =
    out.length === 0
      ? ''
      : ` ${plural(out.length, 'letter')} must not go out any more: take the page out. ${pages}.`;
  if (after.letters.length === 0)
    throw new Refusal(`nobody is left in ${id}, and nothing of it counts as sent.${first}`);
  const text = `${plural(after.letters.length, 'letter')} of ${id} printed`;
  const numbers = { letters: after.letters.length, takenOut: out.map(({ dispatch }) => dispatch) };
  const entry = makeEntry(context, 'printed', { id: `letters:${id}:printed:${at}`, by, text });
  const command = context.command ?? randomUUID();
  const said = { command, verb: 'letters printed', before: [], batch: id };
  await store.appendJournal([{ ...entry, data: said }]);
  await nudge(store);
  return { text: `${text}. They count as sent.${first}`, json: { ...json, ...numbers } };
}

/** Who must not get it any more is taken out in the same write. */
async function takeForPrinted(
  context: CommandContext,
  { id, letters: all }: LetterBatch,
  at: number,
): Promise<LetterBatch> {
  const { store, clock, by } = context;
  const hands = await context.openPeople?.();
  const hashOf = hands?.hashOf ?? ((key: string) => key);
  const reach = { store, hashOf, transports: new Map(), letters: {} };
  const stays = await whoStays(reach, { id, letters: all });
  const after = await changeFact(store, batchFact(id), (before) => {
    if (before?.state !== 'made') return undefined;
    const left = withoutLetters(before, (one) => stays.has(one), at) ?? before;
    return left.letters.length > 0 ? printedBatch(left, { at, by }) : left;
  });
  if (!after) throw new Refusal(`there is no batch "${id}" any more: \`letters\` lists them`);
  await tellTakenOut({ store, clock }, after);
  if (after.letters.length === 0) await nudge(store);
  return after;
}
