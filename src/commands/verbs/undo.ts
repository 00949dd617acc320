import type { Delivery } from '../../core/delivery/delivery.ts';
import { restored } from '../../core/delivery/moves.ts';
import { upgradeDelivery } from '../../core/delivery/upgrade.ts';
import { commandIn, type JournalEntry, type Undoable, undoneCommands } from '../../core/journal.ts';
import type { PauseState } from '../../core/pause-state.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { plural } from '../../core/plural.ts';
import { Refusal } from '../../core/problem.ts';
import { changeFact, nudge, pauseFact, readPause } from '../../flow/facts.ts';
import { withdrawNextRun } from '../../flow/plan/evergreen.ts';
import { undoPerson } from '../people/undo-person.ts';
import { undoPrinted } from '../people/undo-printed.ts';
import { assertHasFile } from '../change.ts';
import type { Command, CommandContext } from '../command.ts';
import { stateClause } from '../publishing-words.ts';
import { restoreFiles } from '../writing/restore-files.ts';

/** What an entry of the journal holds for this. */
interface Said extends Undoable {
  /** Of letters that were said to be printed. */
  batch?: string;
  at: number;
  text: string;
}

export const undo: Command = {
  name: 'undo',
  help: 'take back your last command',
  async run(context) {
    const { store, by, command: saidAs } = context;
    const parts = await findLast(context);
    const [first] = parts;
    if (!first) throw new Refusal('there is nothing to take back');
    if (first.person) await undoPerson(context, { verb: first.verb, person: first.person });
    else if (first.batch !== undefined) await undoPrinted(context, first.batch);
    else if (first.pause) await undoPause(context, first, first.pause);
    else if (first.file) await restoreFiles(context, parts);
    else if (first.before.length) await restoreAll(context, parts);
    else throw new Refusal(`\`${first.verb}\` cannot be taken back`);
    const text = tellParts(parts);
    await store.appendJournal([
      {
        id: `undone:${first.command}`,
        at: context.clock.now(),
        type: 'undone',
        by,
        text: `${by} took back \`${first.verb}\`: ${text}`,
        data: pickDefined({ undid: first.command, saidAs }),
      },
    ]);
    await nudge(store);
    return { text: `Taken back: ${text}.`, json: { undone: first.verb, text } };
  },
};

const mostTold = 6;

function tellParts(parts: readonly Said[]): string {
  const told = parts.slice(0, mostTold).map(({ text }) => text);
  const more = parts.length - told.length;
  return [...told, ...(more ? [`and ${more} more`] : [])].join('; ');
}

/** What was said of somebody who is written to, after that command: it is not passed over. */
function assertNotOfPerson(entries: readonly JournalEntry[], command: string | undefined): void {
  const from = entries.findLastIndex((entry) => commandIn(entry)?.command === command);
  const later = command === undefined ? entries : entries.slice(from + 1);
  const said = later.findLast(
    (entry) => entry.person !== undefined && commandIn(entry) === undefined,
  );
  if (!said) return;
  const { text = said.type } = said;
  throw new Refusal(`your last command was about a person and cannot be taken back: ${text}`);
}

/** All entries of the last command of this person that was not taken back. */
async function findLast({ store, by }: CommandContext): Promise<Said[]> {
  const entries = await store.listJournal({ by, limit: 500 });
  const undone = undoneCommands(entries);
  const said = entries.flatMap((entry): Said[] => {
    const done = commandIn(entry);
    const { at, text = '' } = entry;
    return done && !undone.has(done.command) ? [{ ...done, at, text }] : [];
  });
  const last = said.at(-1)?.command;
  assertNotOfPerson(entries, last);
  return said.filter(({ command }) => command === last);
}

/** What was paused, or was not, is again; what another person has changed since stays. */
async function undoPause(
  context: CommandContext,
  { verb, at, scopes = ['*'] }: Said,
  before: PauseState,
): Promise<void> {
  const { store, clock, by } = context;
  if (verb === 'resume') await assertNothingReleased(context, at, scopes);
  const current = await readPause(store);
  for (const scope of scopes) {
    const other = current.paused[scope];
    if (other && other.by !== by)
      throw new Refusal(`${other.by} has paused it since. Use \`resume\` to continue`);
    if (!other && verb === 'pause')
      throw new Refusal('it was resumed since: there is nothing to take back');
  }
  await changeFact(store, pauseFact, (state) => {
    const paused = { ...state.paused };
    const resumedAt = { ...state.resumedAt };
    for (const scope of scopes) {
      const earlier = before.paused[scope];
      delete paused[scope];
      if (earlier) paused[scope] = earlier;
      // Ending a pause in this way is a resume like any other: missed slots are not caught up.
      else resumedAt[scope] = clock.now();
    }
    const isFirstStart = verb === 'resume' && before.isFirstStart ? true : state.isFirstStart;
    return pickDefined({ ...state, paused, resumedAt, isFirstStart });
  });
}

async function assertNothingReleased(
  { store }: CommandContext,
  since: number,
  scopes: string[],
): Promise<void> {
  const released = await store.listJournal({ since, types: ['released', 'intent', 'part'] });
  const first = released.find(
    ({ account }) => scopes.includes('*') || scopes.includes(account ?? ''),
  );
  if (first) throw new Refusal(`${first.delivery} was published since. Use \`pause\` instead`);
}

function tellTooLate(verb: string, id: string, current: Delivery | undefined): string {
  const clause = current ? `${stateClause(current.state)} by now` : 'is gone';
  return `\`${verb}\` cannot be taken back: ${id} ${clause}`;
}

async function restoreAll(context: CommandContext, parts: Said[]): Promise<void> {
  const { store } = context;
  const pairs = await Promise.all(
    parts.flatMap(({ before, verb }) =>
      before.map(async (one) => ({ before: one, verb, current: await store.findDelivery(one.id) })),
    ),
  );
  for (const { before, verb, current } of pairs) {
    // A settlement changes nothing on the network: until something follows from it, undo can.
    const isUntouched = verb === 'settle' && current?.revision === before.revision + 1;
    if (
      !current ||
      (!isUntouched && ['releasing', 'released', 'uncertain'].includes(current.state))
    )
      throw new Refusal(tellTooLate(verb, before.id, current));
    if (!isUntouched) assertNothingMore(before, current);
    await assertHasFile(store, restored(current, upgradeDelivery(before)));
  }
  for (const { before, verb, current } of pairs) {
    const after = current && restored(current, upgradeDelivery(before));
    if (after && !(await store.changeDelivery(current, after)))
      throw new Refusal(`${before.id} is being changed by another command. Try again`);
    if (verb === 'settle' && current?.terms.isEvergreen) await withdrawNextRun(context, current);
  }
}

/** A part that is out would be sent again. */
function assertNothingMore(before: Delivery, { receipts }: Delivery): void {
  const more = receipts.length - before.receipts.length;
  if (more <= 0) return;
  const parts = `${plural(more, 'part')} of ${before.id} ${more === 1 ? 'was' : 'were'}`;
  throw new Refusal(`${parts} published since: that cannot be taken back`);
}
