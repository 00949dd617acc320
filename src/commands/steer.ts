import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Delivery, isOpen, rankAtBottom, rankAtTop } from '../core/delivery.ts';
import { noPause, pauseOf, type PauseState } from '../core/pause.ts';
import { Refusal } from '../core/problem.ts';
import { formatLocal, minute, toIso } from '../core/time.ts';
import { parseWhen } from '../core/when.ts';
import { changeFact, keys, nudge, readAccount, readPause } from '../flow/facts.ts';
import { approvalMissing, withoutSlot } from '../flow/plan.ts';
import { changeAll, commandEntry } from './change.ts';
import type { Command, CommandContext, Reply } from './command.ts';
import { assertAccount, findDeliveries, pickApplicable } from './find.ts';
import { listServices } from './service-facts.ts';

export const pause: Command = {
  name: 'pause', args: '[when-or-account...]', help: 'stop releasing, for a time or until resumed',
  examples: ['pause', 'pause 2h', 'pause until fri 9am bsky'],
  async run(context, { args }) {
    const { store, clock, settings, by } = context;
    const names = settings.accounts.map(({ name }) => name);
    const account = args.find((word) => names.includes(word));
    const words = args.filter((word) => word !== account);
    const until = words.length ? parseWhen(words.join(' '), clock.now(), settings.zone) : undefined;
    if (words.length && until === undefined) throw new Refusal(`"${words.join(' ')}" is neither a time nor an account: say 2h, until fri 9am, or one of ${names.join(', ')}`);
    if (until !== undefined && until <= clock.now()) throw new Refusal(`${formatLocal(until, settings.zone)} is not ahead`);
    const scope = account ?? '*';
    const what = account ?? 'everything';
    const text = `${what} is paused ${until === undefined ? 'until resumed' : `until ${formatLocal(until, settings.zone)} (${settings.zone})`}`;
    await changePause(context, 'paused', text, (state) => ({ ...state, paused: { ...state.paused, [scope]: { since: clock.now(), by, ...(until === undefined ? {} : { until }) } } }));
    const releasing = await store.countDeliveries({ states: ['releasing'], ...(account === undefined ? {} : { account }) });
    return { text: `${text}.${releasing ? ` ${releasing} under way will be finished.` : ''}`, json: { paused: scope, ...(until === undefined ? {} : { until: toIso(until) }) } };
  },
};

export const resume: Command = {
  name: 'resume', args: '[account]', help: 'go on; the queue is planned anew from now', examples: ['resume', 'resume bsky'],
  async run(context, { args }) {
    const account = args[0];
    if (account !== undefined) await assertAccount(context, account);
    const scope = account ?? '*';
    const state = await readPause(context.store);
    if (!pauseOf(state, account ?? '', context.clock.now()) && !(account === undefined && Object.keys(state.paused).length)) return { text: `${account ?? 'Nothing'} is ${account ? 'not ' : ''}paused.`, json: { resumed: null } };
    if (account !== undefined && state.paused['*'] && !state.paused[account]) throw new Refusal(`everything is paused, not ${account} alone: say resume`);
    await changePause(context, 'resumed', `${account ?? 'everything'} goes on`, (before) => {
      // Without a name all pauses end.
      const paused = account === undefined ? {} : Object.fromEntries(Object.entries(before.paused).filter(([one]) => one !== account));
      const { isFirstStart: _first, ...rest } = before;
      return { ...rest, isFirstStart: false, paused, resumedAt: { ...before.resumedAt, [scope]: context.clock.now() } };
    });
    return { text: `${account ?? 'Everything'} goes on. The queue is planned anew from now; nothing is made up for.`, json: { resumed: scope } };
  },
};

async function changePause(context: CommandContext, type: 'paused' | 'resumed', text: string, change: (state: PauseState) => PauseState) {
  const before = await readPause(context.store);
  await changeFact<PauseState>(context.store, keys.pause, noPause, change);
  await context.store.appendJournal([commandEntry(context, type, text, { command: randomUUID(), verb: type === 'paused' ? 'pause' : 'resume', before: [], pause: before })]);
  await nudge(context.store);
}

export const skip: Command = {
  name: 'skip', args: '[id]', help: 'to the end of the queue, or never', examples: ['skip next', 'skip hello@bsky', 'skip hello --for-good'],
  options: [{ name: '--for-good', help: 'never release it' }],
  async run(context, { args, options }) {
    const isForGood = options['for-good'] === true;
    const found = args[0] === undefined || args[0] === 'next' ? [await nextPlanned(context)] : await findDeliveries(context, args[0]);
    const deliveries = pickApplicable(found, 'skip', (one) => (isOpen(one.state) || (isForGood && ['missed', 'failed'].includes(one.state)) ? undefined : `is ${one.state}`));
    const rank = rankAtBottom(context.clock.now());
    const changed = await changeAll(context, {
      verb: 'skip', type: 'skipped', deliveries, text: (one) => `${one.id} was skipped${isForGood ? ' for good' : ', to the end of the queue'}`,
      change: (one) => (isForGood ? { ...unpinned(withoutSlot(one, 'skipped', 'skipped for good')), byPerson: true } : { ...unpinned(withoutSlot(one, 'queued')), rank }),
    });
    return { text: `${list(changed)} ${isForGood ? 'will not be released' : 'went to the end of the queue'}. \`undo\` takes it back.`, json: { skipped: changed.map(({ id }) => id), forGood: isForGood } };
  },
};

const list = (deliveries: Delivery[]) => deliveries.map(({ id }) => id).join(', ');

async function nextPlanned({ store }: CommandContext): Promise<Delivery> {
  const [next] = await store.listDeliveries({ states: ['planned'], order: 'at', limit: 1 });
  if (!next) throw new Refusal('nothing is planned');
  return next;
}

/** A person's later word goes over a date in the file. */
function unpinned(one: Delivery): Delivery {
  const { pinnedAt: _pinned, ...rest } = one;
  const { pin: _pin, ...terms } = rest.terms;
  return { ...rest, terms };
}

const busy = (one: Delivery): string | undefined => (['releasing', 'uncertain'].includes(one.state) ? `is ${one.state}${one.state === 'uncertain' ? ': `settle` it first' : ''}` : undefined);

export const move: Command = {
  name: 'move', args: '<id> <when...>', help: 'reschedule: to a time, or to the top or bottom of the queue', examples: ['move hello tomorrow 8:30', 'move hello@bsky top'],
  async run(context, { args: [id, ...words] }) {
    const { clock, settings } = context;
    const where = words.join(' ');
    const at = where === 'top' || where === 'bottom' ? undefined : parseWhen(where, clock.now(), settings.zone);
    if (at === undefined && where !== 'top' && where !== 'bottom') throw new Refusal(`"${where}" is no time that is understood: say tomorrow 8:30, fri 9am, 2h, 2026-12-01 09:00, top or bottom`);
    if (at !== undefined && at <= clock.now() - minute) throw new Refusal(`${formatLocal(at, settings.zone)} is not ahead: say \`now ${id}\` to release it at once`);
    const movable = ['failed', 'missed', 'expired', 'skipped', 'withdrawn'];
    const deliveries = pickApplicable(await findDeliveries(context, id), 'move', (one) => busy(one) ?? (isOpen(one.state) || (movable.includes(one.state) && !one.receipts.length) ? undefined : `is ${one.state}`));
    const rank = where === 'top' ? rankAtTop(clock.now()) : rankAtBottom(clock.now());
    const to = at === undefined ? `the ${where} of the queue` : `${formatLocal(at, settings.zone)} (${settings.zone})`;
    const changed = await changeAll(context, {
      verb: 'move', type: 'moved', deliveries, text: (one) => `${one.id} was moved to ${to}`,
      change: (one) => {
        const open = requeued(one);
        return at === undefined ? { ...unpinned(open), rank } : { ...open, pinnedAt: at };
      },
    });
    return { text: `${list(changed)}: moved to ${to}.`, json: { moved: changed.map((one) => one.id), ...(at === undefined ? { to: where } : { at: toIso(at) }) } };
  },
};

/** Back in the queue, whatever it was; its history of attempts begins anew. */
export function requeued(one: Delivery): Delivery {
  const { retryAt: _retry, isRefused: _refused, byPerson: _person, startedAt: _started, lookAt: _look, ...rest } = withoutSlot(one, 'queued');
  return { ...rest, attempts: 0, looks: 0 };
}

export const now: Command = {
  name: 'now', args: '<id>', help: 'release at once (asks first)', examples: ['now hello@bsky --yes'],
  options: [{ name: '--yes', help: 'do not ask' }, { name: '--wait', value: '<seconds>', help: 'how long to wait for the outcome (60)' }],
  confirm: ({ args }) => `Release ${args[0]} at once?`,
  async run(context, { args, options }) {
    const { clock } = context;
    const found = await findDeliveries(context, args[0]);
    const pauses = await readPause(context.store);
    const held = new Map(await Promise.all([...new Set(found.map(({ account }) => account))].map(async (account): Promise<[string, string | undefined]> =>
      [account, pauseOf(pauses, account, clock.now()) ? 'is on an account that is paused: say resume first' : (await readAccount(context.store, account)).heldBecause])));
    const deliveries = pickApplicable(found, 'release now', (one) => busy(one) ?? held.get(one.account) ?? one.terms.heldBecause ?? approvalMissing(one)
      ?? (one.state === 'released' ? 'is released' : one.receipts.length ? `has ${one.receipts.length} parts out: say \`retry ${one.id}\`` : undefined));
    const changed = await changeAll(context, {
      verb: 'now', type: 'now', deliveries, text: (one) => `${one.id} is to go out at once`,
      change: (one) => ({ ...requeued(one), state: 'planned', at: clock.now(), pinnedAt: clock.now(), why: `now, said by ${context.by}` }),
    });
    return tellOutcome(context, changed, Number(options['wait'] ?? 60));
  },
};

/** The service does it; this waits and tells what came of it. */
async function tellOutcome(context: CommandContext, wanted: Delivery[], seconds: number): Promise<Reply> {
  const { store } = context;
  const isRunning = (await listServices(context)).length > 0;
  const ids = wanted.map(({ id }) => id);
  let seen = await store.listDeliveries({ ids });
  const isPending = () => seen.some(({ state }) => isOpen(state) || state === 'releasing');
  for (const end = performance.now() + seconds * 1000; isRunning && isPending() && performance.now() < end; seen = await store.listDeliveries({ ids })) await delay(200);
  const lines = seen.map((one) => `${one.id}: ${one.state}${one.receipts[0] ? ` ${one.receipts[0].url}` : ''}${one.state !== 'released' && one.reason ? ` (${one.reason})` : ''}`);
  if (!isRunning) lines.push('No service is running: it goes out when one starts within 15 minutes (`npm start`).');
  else if (isPending()) lines.push(`Not finished after ${seconds} s: look again with \`show\`.`);
  return { text: lines.join('\n'), json: seen.map((one) => ({ delivery: one.id, state: one.state, url: one.receipts[0]?.url, reason: one.reason })) };
}

export const steering: Command[] = [pause, resume, skip, now, move];
