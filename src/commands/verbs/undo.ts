import { type Delivery, isOpen, withoutSlot } from '../../core/delivery/delivery.ts';
import type { JournalEntry } from '../../core/journal.ts';
import { noPause, type PauseState } from '../../core/pause.ts';
import { Refusal } from '../../core/problem.ts';
import { changeFact, keys, nudge, readPause } from '../../flow/facts.ts';
import type { Undoable } from '../change.ts';
import type { Command, CommandContext } from '../command.ts';

/** What an entry of the journal holds for this. */
interface Said extends Undoable {
  at: number;
  text: string;
}

export const undo: Command = {
  name: 'undo',
  help: 'take back the last command of whoever says it',
  async run(context) {
    const { store, by, command } = context;
    const entries = await store.listJournal({ by, limit: 500 });
    const undone = new Set(
      entries.filter(({ type }) => type === 'undone').map(({ data }) => data?.['undid']),
    );
    const last = entries.findLast(
      ({ type, data }) =>
        type !== 'undone' && data?.['command'] !== undefined && !undone.has(data['command']),
    );
    if (!last) throw new Refusal('there is nothing to take back');
    const parts = entries
      .filter(({ data }) => data?.['command'] === last.data?.['command'])
      .map(toSaid);
    const [first] = parts;
    if (!first) throw new Refusal('there is nothing to take back');
    if (first.pause) await undoPause(context, first, first.pause);
    else if (first.before.length) await restoreAll(context, parts);
    else throw new Refusal(`\`${first.verb}\` cannot be taken back`);
    const text = parts.map((part) => part.text).join('; ');
    await store.appendJournal([
      {
        id: `undone:${first.command}`,
        at: context.clock.now(),
        type: 'undone',
        by,
        text: `${by} took back \`${first.verb}\`: ${text}`,
        data: { undid: first.command, ...(command === undefined ? {} : { saidAs: command }) },
      },
    ]);
    await nudge(store);
    return { text: `Taken back: ${text}.`, json: { undone: first.verb, text } };
  },
};

const toSaid = ({ at, text = '', data }: JournalEntry): Said => ({
  ...(data as unknown as Undoable),
  at,
  text,
});

/** What was paused, or was not, is again; what somebody else has said of it since stays. */
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
      throw new Refusal(`${other.by} has paused it since: say \`resume\` if it is to go on`);
    if (!other && verb === 'pause')
      throw new Refusal('it was resumed since: there is nothing to take back');
  }
  await changeFact<PauseState>(store, keys.pause, noPause, (state) => {
    const paused = { ...state.paused };
    const resumedAt = { ...state.resumedAt };
    for (const scope of scopes) {
      const earlier = before.paused[scope];
      delete paused[scope];
      if (earlier) paused[scope] = earlier;
      // Ending a pause in this way is a resume like any other: what passed is not made up for.
      else resumedAt[scope] = clock.now();
    }
    return {
      ...state,
      paused,
      resumedAt,
      ...(verb === 'resume' && before.isFirstStart ? { isFirstStart: true } : {}),
    };
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
  if (first) throw new Refusal(`${first.delivery} was released since: say \`pause\` instead`);
}

async function restoreAll({ store }: CommandContext, parts: Said[]): Promise<void> {
  const pairs = await Promise.all(
    parts.flatMap(({ before, verb }) =>
      before.map(async (one) => ({ before: one, verb, current: await store.findDelivery(one.id) })),
    ),
  );
  for (const { before, verb, current } of pairs) {
    // A settlement is a word alone: as long as nothing came of it, it can be taken back.
    const isUntouched = verb === 'settle' && current?.revision === before.revision + 1;
    if (
      !current ||
      (!isUntouched && ['releasing', 'released', 'uncertain'].includes(current.state))
    )
      throw new Refusal(
        `${before.id} is ${current?.state ?? 'gone'} because of it: that cannot be taken back`,
      );
  }
  for (const { before, current } of pairs) {
    if (current && !(await store.changeDelivery(current, restored(current, before))))
      throw new Refusal(`${before.id} is being changed by somebody else just now: say it again`);
  }
}

/** What a person's word had changed; what planning and the file say since then stays. */
function restored(current: Delivery, before: Delivery): Delivery {
  const base = withoutSlot(
    current,
    isOpen(before.state) ? 'queued' : before.state,
    isOpen(before.state) ? undefined : before.reason,
  );
  const after: Delivery = {
    ...base,
    rank: before.rank,
    attempts: before.attempts,
    receipts: before.receipts,
    looks: before.looks,
    terms: current.terms.hash === before.terms.hash ? before.terms : current.terms,
  };
  for (const key of [
    'pinnedAt',
    'byPerson',
    'approvedHash',
    'isRefused',
    'retryAt',
    'intent',
    'startedAt',
    'lookAt',
  ] as const) {
    delete after[key];
    if (before[key] !== undefined) Object.assign(after, { [key]: before[key] });
  }
  return after;
}
