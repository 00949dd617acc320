import { randomUUID } from 'node:crypto';
import {
  type Delivery,
  isOpen,
  rankAtBottom,
  rankAtTop,
  withoutSlot,
} from '../../core/delivery/delivery.ts';
import { noPause, type PauseState } from '../../core/pause.ts';
import { Refusal } from '../../core/problem.ts';
import { formatLocal, type Instant, minute, toIso } from '../../core/time.ts';
import { parseWhen } from '../../core/when.ts';
import { changeFact, keys, nudge, readPause } from '../../flow/facts.ts';
import { changeAll, commandEntry } from '../change.ts';
import { type Command, type CommandContext, WrongUsage } from '../command.ts';
import { assertAccount, busy, findDeliveries, list, pickApplicable } from '../find.ts';
import { now } from './now.ts';
import { requeued, unpinned, withoutPastEnd } from '../requeue.ts';

const pause: Command = {
  name: 'pause',
  args: '[when-or-account...]',
  help: 'stop releasing, for a time or until resumed',
  examples: ['pause', 'pause 2h', 'pause until fri 9am bsky'],
  async run(context, { args }) {
    const { store, clock, settings, by } = context;
    const names = settings.accounts.map(({ name }) => name);
    const account = args.find((word) => names.includes(word));
    const words = args.filter((word) => word !== account);
    const until = words.length ? parseWhen(words.join(' '), clock.now(), settings.zone) : undefined;
    if (words.length && until === undefined)
      throw new WrongUsage(
        `"${words.join(' ')}" is neither a time nor an account: say 2h, until fri 9am${names.length ? `, or one of ${names.join(', ')}` : ''}`,
      );
    if (until !== undefined && until <= clock.now())
      throw new Refusal(`${formatLocal(until, settings.zone)} is not ahead: say a time to come`);
    const scope = account ?? '*';
    const what = account ?? 'everything';
    const text = `${what} is paused ${until === undefined ? 'until resumed' : `until ${formatLocal(until, settings.zone)} (${settings.zone})`}`;
    await changePause(context, {
      type: 'paused',
      text,
      scopes: [scope],
      change: (state) => ({
        ...state,
        paused: {
          ...state.paused,
          [scope]: { since: clock.now(), by, ...(until === undefined ? {} : { until }) },
        },
      }),
    });
    const releasing = await store.countDeliveries({
      states: ['releasing'],
      ...(account === undefined ? {} : { account }),
    });
    return {
      text: `${text}.${releasing ? ` ${releasing} under way will be finished.` : ''}`,
      json: { paused: scope, ...(until === undefined ? {} : { until: toIso(until) }) },
    };
  },
};

const resume: Command = {
  name: 'resume',
  args: '[account]',
  help: 'go on; the queue is planned anew from now',
  examples: ['resume', 'resume bsky'],
  async run(context, { args }) {
    const account = args[0];
    if (account !== undefined) await assertAccount(context, account);
    const { store, clock } = context;
    const state = await readPause(store);
    const active = Object.entries(state.paused)
      .filter(([, { until }]) => until === undefined || until > clock.now())
      .map(([scope]) => scope);
    // Without a name all pauses end.
    const scopes = account === undefined ? active : active.filter((scope) => scope === account);
    if (account !== undefined && active.includes('*'))
      throw new Refusal(`everything is paused, not ${account} alone: say \`resume\``);
    if (!scopes.length)
      return {
        text: account === undefined ? 'Nothing is paused.' : `${account} is not paused.`,
        json: { resumed: null },
      };
    await changePause(context, {
      type: 'resumed',
      text: `${account ?? 'everything'} goes on`,
      scopes,
      change: (before) => resumedState(before, scopes, clock.now()),
    });
    return {
      text: `${account ?? 'Everything'} goes on. The queue is planned anew from now; nothing is made up for.`,
      json: { resumed: account ?? '*' },
    };
  },
};

function resumedState(before: PauseState, scopes: string[], at: Instant): PauseState {
  const paused = Object.fromEntries(
    Object.entries(before.paused).filter(([scope]) => !scopes.includes(scope)),
  );
  const resumedAt = {
    ...before.resumedAt,
    ...Object.fromEntries(scopes.map((scope) => [scope, at])),
  };
  return { ...before, paused, resumedAt, ...(scopes.includes('*') ? { isFirstStart: false } : {}) };
}

interface PauseChange {
  type: 'paused' | 'resumed';
  text: string;
  scopes: string[];
  change: (state: PauseState) => PauseState;
}

async function changePause(context: CommandContext, { type, text, scopes, change }: PauseChange) {
  const { store } = context;
  const before = await readPause(store);
  await changeFact<PauseState>(store, keys.pause, noPause, change);
  const [scope] = scopes;
  const about =
    scopes.length === 1 && scope !== undefined && scope !== '*' ? { account: scope } : {};
  await store.appendJournal([
    commandEntry(
      context,
      type,
      text,
      {
        command: context.command ?? randomUUID(),
        verb: type === 'paused' ? 'pause' : 'resume',
        before: [],
        pause: before,
        scopes,
      },
      about,
    ),
  ]);
  await nudge(store);
}

const skip: Command = {
  name: 'skip',
  args: '[id]',
  help: 'to the end of the queue, or never',
  examples: ['skip next', 'skip hello@bsky', 'skip hello --for-good'],
  options: [{ name: '--for-good', help: 'never release it' }],
  async run(context, { args, options }) {
    const isForGood = options['for-good'] === true;
    const found =
      args[0] === undefined || args[0] === 'next'
        ? [await nextPlanned(context)]
        : await findDeliveries(context, args[0]);
    const deliveries = pickApplicable(found, 'skip', (one) =>
      isOpen(one.state) || (isForGood && ['missed', 'failed', 'expired'].includes(one.state))
        ? undefined
        : (busy(one) ?? `is ${one.state}`),
    );
    const rank = rankAtBottom(context.clock.now());
    const changed = await changeAll(context, {
      verb: 'skip',
      type: 'skipped',
      deliveries,
      text: (one) =>
        `${one.id} was skipped${isForGood ? ' for good' : ', to the end of the queue'}`,
      change: (one) =>
        isForGood
          ? { ...unpinned(withoutSlot(one, 'skipped', 'skipped for good')), byPerson: true }
          : { ...unpinned(withoutSlot(one, 'queued')), rank },
    });
    return {
      text: `${list(changed)} ${isForGood ? 'will not be released' : 'went to the end of the queue'}. \`undo\` takes it back.`,
      json: { skipped: changed.map(({ id }) => id), forGood: isForGood },
    };
  },
};

async function nextPlanned({ store }: CommandContext): Promise<Delivery> {
  const [next] = await store.listDeliveries({ states: ['planned'], order: 'at', limit: 1 });
  if (!next) throw new Refusal('nothing is planned');
  return next;
}

const move: Command = {
  name: 'move',
  args: '<id> <when...>',
  help: 'reschedule: to a time, or to the top or bottom of the queue',
  examples: ['move hello tomorrow 8:30', 'move hello@bsky top'],
  async run(context, { args: [id, ...words] }) {
    const { clock, settings } = context;
    const where = words.join(' ');
    const at =
      where === 'top' || where === 'bottom'
        ? undefined
        : parseWhen(where, clock.now(), settings.zone);
    if (at === undefined && where !== 'top' && where !== 'bottom')
      throw new WrongUsage(
        `"${where}" is no time that is understood: say tomorrow 8:30, fri 9am, 2h, 2026-12-01 09:00, top or bottom`,
      );
    if (at !== undefined && at <= clock.now() - minute)
      throw new Refusal(
        `${formatLocal(at, settings.zone)} is not ahead: say \`now ${id}\` to release it at once`,
      );
    const movable = ['failed', 'missed', 'expired', 'skipped', 'withdrawn'];
    const endsBefore = ({ terms: { expires } }: Delivery) =>
      at !== undefined && expires !== undefined && expires > clock.now() && expires <= at
        ? `expires ${formatLocal(expires, settings.zone)}: change \`expires\` in its file first`
        : undefined;
    const deliveries = pickApplicable(
      await findDeliveries(context, id),
      'move',
      (one) =>
        busy(one) ??
        endsBefore(one) ??
        (isOpen(one.state) || (movable.includes(one.state) && !one.receipts.length)
          ? undefined
          : `is ${one.state}`),
    );
    const rank = where === 'top' ? rankAtTop(clock.now()) : rankAtBottom(clock.now());
    const to =
      at === undefined
        ? `the ${where} of the queue`
        : `${formatLocal(at, settings.zone)} (${settings.zone})`;
    const changed = await changeAll(context, {
      verb: 'move',
      type: 'moved',
      deliveries,
      text: (one) => `${one.id} was moved to ${to}`,
      change: (one) => {
        const open = withoutPastEnd(requeued(one), clock.now());
        return at === undefined ? { ...unpinned(open), rank } : { ...open, pinnedAt: at };
      },
    });
    return {
      text: `${list(changed)}: moved to ${to}.`,
      json: {
        moved: changed.map((one) => one.id),
        ...(at === undefined ? { to: where } : { at: toIso(at) }),
      },
    };
  },
};

export const steering: Command[] = [pause, resume, skip, now, move];
