import { randomUUID } from 'node:crypto';
import type { Pause, PauseState } from '../../core/pause-state.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { plural } from '../../core/plural.ts';
import { Refusal } from '../../core/problem.ts';
import { formatFar, type Instant, toIso } from '../../core/time.ts';
import { parseWhen } from '../../core/when.ts';
import { changeFact, nudge, pauseFact, readPause } from '../../flow/facts.ts';
import { commandEntry } from '../change.ts';
import { type Command, type CommandContext, type Reply, WrongUsage } from '../command.ts';
import { assertAccount } from '../find.ts';
import { noteReally } from '../real-time.ts';

export const pause: Command = {
  name: 'pause',
  args: '[when-or-account...]',
  help: 'stop publishing, for a time or until resumed',
  examples: ['pause', 'pause 2h', 'pause until fri 9am bsky'],
  run: (context, { args }) => runPause(context, args, (_before, wanted) => wanted),
};

/** For those who may not resume: a pause that lasts longer stays as it is. */
export const pauseLonger = (context: CommandContext, args: readonly string[]): Promise<Reply> =>
  runPause(context, args, (before, wanted) =>
    before && endOf(before) >= endOf(wanted) ? before : wanted,
  );

const endOf = ({ until = Infinity }: Pause): number => until;

async function runPause(
  context: CommandContext,
  args: readonly string[],
  choose: (before: Pause | undefined, wanted: Pause) => Pause,
): Promise<Reply> {
  const { store, clock, by } = context;
  const { account, until } = readPauseArgs(context, args);
  const scope = account ?? '*';
  const text = tellPaused(context, account ?? 'everything', until);
  const wanted: Pause = pickDefined({ since: clock.now(), by, until });
  const isChanged = await changePause(context, {
    type: 'paused',
    text,
    scopes: [scope],
    change: (state) => {
      const chosen = choose(state.paused[scope], wanted);
      if (chosen !== wanted) return undefined;
      return { ...state, paused: { ...state.paused, [scope]: wanted } };
    },
  });
  if (!isChanged) return tellLonger(context, account);
  const releasing = await store.countDeliveries(
    pickDefined({ states: ['releasing'] as const, account }),
  );
  const rest = releasing ? ` ${plural(releasing, 'post')} in progress will be finished.` : '';
  return {
    text: `${text}.${noteReally(clock, until)}${rest}`,
    json: pickDefined({ paused: scope, until: until === undefined ? undefined : toIso(until) }),
  };
}

async function tellLonger(context: CommandContext, account: string | undefined): Promise<Reply> {
  const { paused } = await readPause(context.store);
  const until = paused[account ?? '*']?.until;
  const what = tellPaused(context, account ?? 'everything', until);
  return {
    text: `${what} already. Nothing was changed.`,
    json: pickDefined({
      paused: account ?? '*',
      until: until === undefined ? undefined : toIso(until),
    }),
  };
}

function tellPaused(
  { clock, settings: { zone } }: CommandContext,
  what: string,
  until?: Instant,
): string {
  if (until === undefined) return `${what} is paused until resumed`;
  return `${what} is paused until ${formatFar(until, zone, clock.now())} (${zone})`;
}

function readPauseArgs(
  { clock, settings }: CommandContext,
  args: readonly string[],
): { account: string | undefined; until?: Instant } {
  const names = settings.accounts.map(({ name }) => name);
  const account = args.find((word) => names.includes(word));
  const words = args.filter((word) => word !== account).join(' ');
  if (!words) return { account };
  const until = parseWhen(words, clock.now(), settings.zone);
  const others = names.length ? `, or one of ${names.join(', ')}` : '';
  if (until === undefined)
    throw new WrongUsage(
      `"${words}" is neither a time nor an account. Use 2h, until fri 9am${others}`,
    );
  if (until <= clock.now())
    throw new Refusal(
      `${formatFar(until, settings.zone, clock.now())} is in the past. Use a later time`,
    );
  return { account, until };
}

export const resume: Command = {
  name: 'resume',
  args: '[account]',
  help: 'resume publishing; the queue is rescheduled from now',
  examples: ['resume', 'resume bsky'],
  async run(context, { args: [account] }) {
    if (account !== undefined) await assertAccount(context, account);
    const { store, clock } = context;
    const active = activePauses(await readPause(store), clock.now());
    if (account !== undefined && active.includes('*'))
      throw new Refusal(`everything is paused, not only ${account}. Use \`resume\``);
    // Without a name all pauses end.
    const scopes = account === undefined ? active : active.filter((scope) => scope === account);
    const nothing = account === undefined ? 'Nothing is paused.' : `${account} is not paused.`;
    if (!scopes.length) return { text: nothing, json: { resumed: null } };
    await changePause(context, {
      type: 'resumed',
      text: `${account ?? 'everything'} was resumed`,
      scopes,
      change: (before) => resumedState(before, scopes, clock.now()),
    });
    const what = account === undefined ? 'Resumed.' : `${account} is resumed.`;
    return {
      text: `${what} The queue was rescheduled from now; missed slots are not caught up.`,
      json: { resumed: account ?? '*' },
    };
  },
};

const activePauses = ({ paused }: PauseState, now: Instant): string[] =>
  Object.entries(paused)
    .filter(([, { until }]) => until === undefined || until > now)
    .map(([scope]) => scope);

function resumedState(before: PauseState, scopes: string[], at: Instant): PauseState {
  const paused = Object.fromEntries(
    Object.entries(before.paused).filter(([scope]) => !scopes.includes(scope)),
  );
  const resumedAt = {
    ...before.resumedAt,
    ...Object.fromEntries(scopes.map((scope) => [scope, at])),
  };
  const isFirstStart = scopes.includes('*') ? false : before.isFirstStart;
  return pickDefined({ ...before, paused, resumedAt, isFirstStart });
}

interface PauseChange {
  type: 'paused' | 'resumed';
  text: string;
  scopes: string[];
  /** Undefined: it is to stay as it is. */
  change: (state: PauseState) => PauseState | undefined;
}

/** Whether something was changed. */
async function changePause(
  context: CommandContext,
  { type, text, scopes, change }: PauseChange,
): Promise<boolean> {
  const { store } = context;
  const before = await readPause(store);
  let isChanged = false;
  await changeFact(store, pauseFact, (state) => {
    const after = change(state);
    isChanged = after !== undefined;
    return after;
  });
  if (!isChanged) return false;
  const [scope, other] = scopes;
  const data = {
    command: context.command ?? randomUUID(),
    verb: type === 'paused' ? 'pause' : 'resume',
    before: [],
    pause: before,
    scopes,
  };
  const about = other === undefined && scope !== '*' ? pickDefined({ account: scope }) : {};
  await store.appendJournal([commandEntry(context, { type, text, data, about })]);
  await nudge(store);
  return true;
}
