import { type Delivery, isOpen, withoutSlot } from '../../core/delivery/delivery.ts';
import type { Receipt } from '../../core/post/message.ts';
import { Refusal } from '../../core/problem.ts';
import { readAccount } from '../../flow/facts.ts';
import { changeAll } from '../change.ts';
import { type Command, type CommandContext, WrongUsage } from '../command.ts';
import { findDeliveries, list, pickApplicable, whyNothingGoesOut } from '../find.ts';
import { continued, requeued, withoutPastEnd, withoutPastPin, withoutSending } from '../requeue.ts';
import { undo } from './undo.ts';

const approve: Command = {
  name: 'approve',
  args: '<id>',
  help: 'let a post go out that waits for approval; holds for its present text',
  examples: ['approve hello'],
  async run(context, { args }) {
    const deliveries = pickApplicable(await findDeliveries(context, args[0]), 'approve', (one) =>
      !one.terms.approval
        ? 'needs no approval'
        : !isOpen(one.state)
          ? `is ${one.state}`
          : one.approvedHash === one.terms.hash
            ? 'is approved'
            : undefined,
    );
    const changed = await changeAll(context, {
      verb: 'approve',
      type: 'approved',
      deliveries,
      text: (one) => `${one.id} was approved`,
      change: (one) => ({ ...withoutSlot(one, 'queued'), approvedHash: one.terms.hash }),
    });
    return { text: `${list(changed)} approved.`, json: { approved: changed.map(({ id }) => id) } };
  },
};

const reject: Command = {
  name: 'reject',
  args: '<id>',
  help: 'do not release a post that waits for approval',
  examples: ['reject hello'],
  async run(context, { args }) {
    const deliveries = pickApplicable(await findDeliveries(context, args[0]), 'reject', (one) =>
      !one.terms.approval
        ? 'needs no approval: `withdraw` takes it back'
        : isOpen(one.state)
          ? undefined
          : `is ${one.state}`,
    );
    const changed = await changeAll(context, {
      verb: 'reject',
      type: 'rejected',
      deliveries,
      text: (one) => `${one.id} was rejected`,
      change: (one) => ({ ...withoutSlot(one, 'withdrawn', 'rejected'), byPerson: true }),
    });
    return {
      text: `${list(changed)} rejected. \`undo\` takes it back.`,
      json: { rejected: changed.map(({ id }) => id) },
    };
  },
};

const withdraw: Command = {
  name: 'withdraw',
  args: '<id>',
  help: 'take back what is not out',
  examples: ['withdraw hello@bsky'],
  async run(context, { args }) {
    const deliveries = pickApplicable(await findDeliveries(context, args[0]), 'withdraw', (one) =>
      isOpen(one.state) || (['missed', 'failed'].includes(one.state) && !one.receipts.length)
        ? undefined
        : `is ${one.state}${one.state === 'uncertain' ? ': `settle` it first' : ''}`,
    );
    const changed = await changeAll(context, {
      verb: 'withdraw',
      type: 'withdrawn',
      deliveries,
      text: (one) => `${one.id} was withdrawn`,
      change: (one) => ({
        ...withoutSlot(one, 'withdrawn', `withdrawn by ${context.by}`),
        byPerson: true,
      }),
    });
    return {
      text: `${list(changed)} withdrawn. \`undo\` takes it back.`,
      json: { withdrawn: changed.map(({ id }) => id) },
    };
  },
};

const retry: Command = {
  name: 'retry',
  args: '<id>',
  help: 'try a failed or missed one again',
  examples: ['retry hello@x'],
  async run(context, { args }) {
    const { clock } = context;
    const found = await findDeliveries(context, args[0]);
    const held = await whyNothingGoesOut(context, found);
    const deliveries = pickApplicable(found, 'retry', (one) =>
      ['failed', 'missed', 'expired'].includes(one.state)
        ? one.receipts.length
          ? held.get(one.account)
          : undefined
        : one.state === 'uncertain'
          ? 'is uncertain: look at the account, then `settle` it'
          : `is ${one.state}`,
    );
    const changed = await changeAll(context, {
      verb: 'retry',
      type: 'retried',
      deliveries,
      text: (one) => `${one.id} is to be tried again`,
      // A thread that has begun does not wait for a slot.
      change: (one) =>
        one.receipts.length
          ? continued(one, clock.now())
          : withoutPastPin(withoutPastEnd(requeued(one), clock.now()), clock.now()),
    });
    return {
      text: changed
        .map(
          ({ id, receipts }) =>
            `${id} ${receipts.length ? 'goes on with its thread' : 'is back in the queue'}.`,
        )
        .join('\n'),
      json: { retried: changed.map(({ id }) => id) },
    };
  },
};

const settle: Command = {
  name: 'settle',
  args: '<id> <truth> [url]',
  help: 'tell Dripline the truth about an uncertain release',
  examples: ['settle hello@x released https://x.com/me/status/1', 'settle hello@x not-released'],
  async run(context, { args: [id, truth, url] }) {
    if (truth !== 'released' && truth !== 'not-released')
      throw new WrongUsage('say `settle ID released URL` or `settle ID not-released`');
    if (truth === 'released' && !isWebAddress(url))
      throw new WrongUsage(`say where it stands: \`settle ${id} released URL\``);
    const deliveries = pickApplicable(await findDeliveries(context, id), 'settle', (one) =>
      one.state === 'uncertain' ? undefined : `is ${one.state}, not uncertain`,
    );
    const [first] = deliveries;
    if (!first || deliveries.length > 1) throw new Refusal(`say which one: ${list(deliveries)}`);
    const isHeld = (await whyNothingGoesOut(context, deliveries)).size > 0;
    const receipt = truth === 'released' ? await toReceipt(context, first, url ?? '') : undefined;
    const changed = await changeAll(context, {
      verb: 'settle',
      type: 'settled',
      deliveries,
      text: (one) =>
        `${one.id} was ${truth === 'released' ? `released: ${url}` : 'not released'}, says ${context.by}`,
      change: (one) => settled(one, receipt, { now: context.clock.now(), isHeld }),
    });
    return {
      text: changed.map(tellSettled).join('\n'),
      json: changed.map(({ id: delivery, state }) => ({ delivery, state })),
    };
  },
};

const isWebAddress = (url: string | undefined) =>
  url !== undefined &&
  URL.canParse(url) &&
  /^https?:$/.test(new URL(url).protocol) &&
  new URL(url).pathname.length > 1;

function tellSettled({ id, state, receipts }: Delivery): string {
  if (state === 'releasing') return `${id}: its thread goes on behind part ${receipts.length}.`;
  if (state === 'failed') return `${id}: its thread waits. Say \`retry ${id}\` to go on with it.`;
  return `${id} is ${state}${state === 'queued' ? ' again' : ''}.`;
}

/**
 * Networks put a post's id at the end of its address; Bluesky's own name for it needs the account's
 * identity too.
 */
async function toReceipt(
  { store, clock }: CommandContext,
  one: Delivery,
  url: string,
): Promise<Receipt> {
  const last = new URL(url).pathname.split('/').findLast((step) => step !== '') ?? url;
  const did =
    one.network === 'bluesky' ? (await readAccount(store, one.account)).identity?.id : undefined;
  return {
    id: did === undefined ? last : `at://${did}/app.bsky.feed.post/${last}`,
    url,
    at: one.startedAt ?? clock.now(),
  };
}

interface Settling {
  now: number;
  /** Nothing may go out on the account: a thread waits for a person's word. */
  isHeld: boolean;
}

function settled(one: Delivery, receipt: Receipt | undefined, { now, isHeld }: Settling): Delivery {
  const goOn = (thread: Delivery): Delivery =>
    isHeld
      ? {
          ...withoutSlot(thread, 'failed', 'the thread broke, and nothing may go out just now'),
          isRefused: false,
        }
      : continued(thread, now);
  const parts = one.intent?.message.parts.length ?? 1;
  if (!receipt)
    return one.receipts.length ? goOn(withoutSending(one)) : withoutIntent(requeued(one));
  const receipts = [...one.receipts, receipt];
  if (receipts.length < parts) {
    // What answers a post on Bluesky names its hash, which only the record itself tells: the
    // service reads it there.
    return one.network === 'bluesky' && one.intent?.sending
      ? goOn(one)
      : { ...goOn(withoutSending(one)), receipts };
  }
  const { reason: _reason, lookAt: _look, ...rest } = withoutSending(one);
  return {
    ...rest,
    state: 'released',
    receipts,
    ...(one.terms.followUp?.as === 'repost' ? {} : { measureAt: now }),
  };
}

function withoutIntent(one: Delivery): Delivery {
  const { intent: _intent, ...rest } = one;
  return rest;
}

export const deciding: Command[] = [approve, reject, retry, withdraw, settle, undo];
