import { type Delivery, isOpen } from '../core/delivery.ts';
import { Refusal } from '../core/problem.ts';
import { changeFact, keys, nudge, readPause } from '../flow/facts.ts';
import { withoutSlot } from '../flow/plan.ts';
import { changeAll, type Undoable } from './change.ts';
import type { Command, CommandContext } from './command.ts';
import { findDeliveries, pickApplicable } from './find.ts';
import { requeued } from './steer.ts';

const list = (deliveries: Delivery[]) => deliveries.map(({ id }) => id).join(', ');

const approve: Command = {
  name: 'approve', args: '<id>', help: 'let a post go out that waits for approval; holds for its present text', examples: ['approve hello'],
  async run(context, { args }) {
    const deliveries = pickApplicable(await findDeliveries(context, args[0]), 'approve', (one) => (!one.terms.approval ? 'needs no approval' : !isOpen(one.state) ? `is ${one.state}` : one.approvedHash === one.terms.hash ? 'is approved' : undefined));
    const changed = await changeAll(context, { verb: 'approve', type: 'approved', deliveries, text: (one) => `${one.id} was approved`, change: (one) => ({ ...withoutSlot(one, 'queued'), approvedHash: one.terms.hash }) });
    return { text: `${list(changed)} approved.`, json: { approved: changed.map(({ id }) => id) } };
  },
};

const reject: Command = {
  name: 'reject', args: '<id>', help: 'do not release a post that waits for approval', examples: ['reject hello'],
  async run(context, { args }) {
    const deliveries = pickApplicable(await findDeliveries(context, args[0]), 'reject', (one) => (!one.terms.approval ? 'needs no approval: `withdraw` takes it back' : isOpen(one.state) ? undefined : `is ${one.state}`));
    const changed = await changeAll(context, { verb: 'reject', type: 'rejected', deliveries, text: (one) => `${one.id} was rejected`, change: (one) => ({ ...withoutSlot(one, 'withdrawn', 'rejected'), byPerson: true }) });
    return { text: `${list(changed)} rejected. \`undo\` takes it back.`, json: { rejected: changed.map(({ id }) => id) } };
  },
};

const withdraw: Command = {
  name: 'withdraw', args: '<id>', help: 'take back what is not out', examples: ['withdraw hello@bsky'],
  async run(context, { args }) {
    const deliveries = pickApplicable(await findDeliveries(context, args[0]), 'withdraw', (one) => (isOpen(one.state) || (['missed', 'failed'].includes(one.state) && !one.receipts.length) ? undefined : `is ${one.state}${one.state === 'uncertain' ? ': `settle` it first' : ''}`));
    const changed = await changeAll(context, { verb: 'withdraw', type: 'withdrawn', deliveries, text: (one) => `${one.id} was withdrawn`, change: (one) => ({ ...withoutSlot(one, 'withdrawn', `withdrawn by ${context.by}`), byPerson: true }) });
    return { text: `${list(changed)} withdrawn. \`undo\` takes it back.`, json: { withdrawn: changed.map(({ id }) => id) } };
  },
};

const retry: Command = {
  name: 'retry', args: '<id>', help: 'try a failed or missed one again', examples: ['retry hello@x'],
  async run(context, { args }) {
    const deliveries = pickApplicable(await findDeliveries(context, args[0]), 'retry', (one) => (['failed', 'missed', 'expired'].includes(one.state) ? undefined : one.state === 'uncertain' ? 'is uncertain: look at the account, then `settle` it' : `is ${one.state}`));
    const changed = await changeAll(context, {
      verb: 'retry', type: 'retried', deliveries, text: (one) => `${one.id} is tried again`,
      change: (one) => (one.receipts.length ? continued(one, context) : withoutPast(requeued(one), context)),
    });
    return { text: `${list(changed)}: tried again.`, json: { retried: changed.map(({ id }) => id) } };
  },
};

/** A thread that has begun goes on behind its last part. */
function continued(one: Delivery, { clock }: CommandContext): Delivery {
  const { reason: _reason, retryAt: _retry, isRefused: _refused, ...rest } = one;
  return { ...rest, state: 'releasing', attempts: 0, looks: 0, lookAt: clock.now() };
}

/** A pin that has passed would be missed again. */
function withoutPast(one: Delivery, { clock }: CommandContext): Delivery {
  const { pinnedAt, ...rest } = one;
  const { pin, expires, ...terms } = one.terms;
  const isAhead = pin !== undefined && 'at' in pin && pin.at > clock.now();
  return {
    ...rest, ...(pinnedAt !== undefined && pinnedAt > clock.now() ? { pinnedAt } : {}),
    terms: { ...terms, ...(pin && isAhead ? { pin } : {}), ...(expires !== undefined && expires > clock.now() ? { expires } : {}) },
  };
}

const settle: Command = {
  name: 'settle', args: '<id> <truth> [url]', help: 'tell Dripline the truth about an uncertain release', examples: ['settle hello@x released https://x.com/me/status/1', 'settle hello@x not-released'],
  async run(context, { args: [id, truth, url] }) {
    if (truth !== 'released' && truth !== 'not-released') throw new Refusal('say `settle ID released URL` or `settle ID not-released`');
    if (truth === 'released' && !(url && URL.canParse(url))) throw new Refusal(`say where it stands: \`settle ${id} released URL\``);
    const deliveries = pickApplicable(await findDeliveries(context, id), 'settle', (one) => (one.state === 'uncertain' ? undefined : `is ${one.state}, not uncertain`));
    if (deliveries.length > 1) throw new Refusal(`say which one: ${list(deliveries)}`);
    const changed = await changeAll(context, {
      verb: 'settle', type: 'settled', deliveries, text: (one) => `${one.id} was ${truth === 'released' ? `released: ${url}` : 'not released'}, says ${context.by}`,
      change: (one) => (truth === 'released' ? settledAs(one, url ?? '', context) : one.receipts.length ? continued(withoutSending(one), context) : withoutIntent(requeued(one))),
    });
    const [one] = changed;
    return { text: `${one?.id} is ${one?.state}${one?.state === 'queued' ? ' again' : ''}.`, json: changed.map(({ id: delivery, state }) => ({ delivery, state })) };
  },
};

function withoutSending(one: Delivery): Delivery {
  if (!one.intent) return one;
  const { sending: _sending, ...intent } = one.intent;
  return { ...one, intent };
}

function withoutIntent(one: Delivery): Delivery {
  const { intent: _intent, ...rest } = one;
  return rest;
}

function settledAs(one: Delivery, url: string, context: CommandContext): Delivery {
  const settled = withoutSending(one);
  const receipts = [...one.receipts, { id: idFromUrl(url), url, at: one.startedAt ?? context.clock.now() }];
  if (receipts.length < (one.intent?.message.parts.length ?? 1)) return { ...continued(settled, context), receipts };
  const { reason: _reason, lookAt: _look, ...rest } = settled;
  return { ...rest, state: 'released', receipts };
}

/** Networks put a post's id at the end of its address. */
const idFromUrl = (url: string) => new URL(url).pathname.split('/').findLast((step) => step !== '') ?? url;

const undo: Command = {
  name: 'undo', help: 'take back the last command of whoever says it',
  async run(context) {
    const { store, by } = context;
    const entries = await store.listJournal({ by, limit: 500 });
    const undone = new Set(entries.filter(({ type }) => type === 'undone').map(({ data }) => data?.['undid']));
    const last = entries.findLast(({ type, data }) => type !== 'undone' && data?.['command'] !== undefined && !undone.has(data['command']));
    if (!last) throw new Refusal('there is nothing to take back');
    const command = (last.data as unknown as Undoable).command;
    const parts = entries.filter(({ data }) => data?.['command'] === command).map(({ data }) => data as unknown as Undoable);
    const { verb, pause } = parts[0] ?? { verb: '', pause: undefined };
    if (verb === 'resume' || verb === 'pause') await undoPause(context, last.at, pause, verb);
    else await restoreAll(context, parts);
    await store.appendJournal([{ id: `undone:${command}`, at: context.clock.now(), type: 'undone', by, text: `${by} took back \`${verb}\`: ${last.text}`, data: { undid: command } }]);
    await nudge(store);
    return { text: `Taken back: ${last.text}.`, json: { undone: verb, text: last.text } };
  },
};

async function undoPause(context: CommandContext, at: number, before: Undoable['pause'], verb: string) {
  const { store } = context;
  if (verb === 'resume') {
    const released = await store.listJournal({ since: at, types: ['released', 'intent'], limit: 1 });
    if (released.length) throw new Refusal(`${released[0]?.delivery} was released since: say \`pause\` instead`);
  }
  const now = await readPause(store);
  // Ending a pause by undo is a resume like any other: what passed is not made up for.
  await changeFact(store, keys.pause, now, (state) => ({ ...state, paused: before?.paused ?? {}, ...(verb === 'pause' ? { resumedAt: { ...state.resumedAt, '*': context.clock.now() } } : {}) }));
}

async function restoreAll(context: CommandContext, parts: Undoable[]) {
  const { store } = context;
  const pairs = await Promise.all(parts.flatMap(({ before }) => before).map(async (before) => ({ before, current: await store.findDelivery(before.id) })));
  for (const { before, current } of pairs) {
    if (!current || ['releasing', 'released', 'uncertain'].includes(current.state)) throw new Refusal(`${before.id} is ${current?.state ?? 'gone'} because of it: that cannot be taken back`);
  }
  for (const { before, current } of pairs) {
    if (current && !await store.changeDelivery(current, restored(current, before))) throw new Refusal(`${before.id} is being changed by somebody else just now: say it again`);
  }
}

/** What a person's word had changed; what planning and the file say since then stays. */
function restored(current: Delivery, before: Delivery): Delivery {
  const base = withoutSlot(current, isOpen(before.state) ? 'queued' : before.state, isOpen(before.state) ? undefined : before.reason);
  const after: Delivery = { ...base, rank: before.rank, attempts: before.attempts, receipts: before.receipts, looks: before.looks, terms: current.terms.hash === before.terms.hash ? before.terms : current.terms };
  for (const key of ['pinnedAt', 'byPerson', 'approvedHash', 'isRefused', 'retryAt', 'intent', 'startedAt', 'lookAt'] as const) {
    delete after[key];
    if (before[key] !== undefined) Object.assign(after, { [key]: before[key] });
  }
  return after;
}

export const deciding: Command[] = [approve, reject, retry, withdraw, settle, undo];
