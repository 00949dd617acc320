import type { Delivery } from '../../core/delivery/delivery.ts';
import { settled } from '../../core/delivery/release-moves.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import type { Receipt } from '../../core/post/message.ts';
import { Refusal } from '../../core/problem.ts';
import { readAccount } from '../../flow/facts.ts';
import { queueNextRun } from '../../flow/plan/evergreen.ts';
import { changeAll } from '../change.ts';
import { type Command, type CommandContext, WrongUsage } from '../command.ts';
import { findDeliveries, list, pickApplicable, whyNothingGoesOut } from '../find.ts';
import { stateClause } from '../publishing-words.ts';

export const settle: Command = {
  name: 'settle',
  args: '<id> <truth> [url]',
  help: 'report whether an uncertain post was published',
  examples: ['settle hello@x released https://x.com/me/status/1', 'settle hello@x not-released'],
  async run(context, { args: [id, truth, url] }) {
    const isOut = readTruth(truth);
    const one = pickOne(await findDeliveries(context, id));
    const receipt = isOut ? await readReceipt(context, one, url) : undefined;
    const isHeld = (await whyNothingGoesOut(context, [one])).size > 0;
    const now = context.clock.now();
    const said = receipt ? `published: ${receipt.url}` : 'not published';
    const changed = await changeAll(context, {
      verb: 'settle',
      type: 'settled',
      deliveries: [one],
      text: (before) => `${before.id} was ${said}, according to ${context.by}`,
      change: (before) => settled(before, { receipt, now, isHeld }),
    });
    for (const after of changed) await queueNextRun(context, after);
    return {
      text: changed.map(tellSettled).join('\n'),
      json: changed.map(({ id: delivery, state }) => ({ delivery, state })),
    };
  },
};

function readTruth(truth: string | undefined): boolean {
  if (truth !== 'released' && truth !== 'not-released')
    throw new WrongUsage('use `settle ID released URL` or `settle ID not-released`');
  return truth === 'released';
}

function pickOne(found: Delivery[]): Delivery {
  const uncertain = pickApplicable(found, 'settle', ({ state }) =>
    state === 'uncertain' ? undefined : `${stateClause(state)}, not uncertain`,
  );
  const [first, second] = uncertain;
  if (!first || second)
    throw new Refusal(`several are uncertain. Name one of them: ${list(uncertain)}`);
  return first;
}

function tellSettled({ id, state, receipts }: Delivery): string {
  switch (state) {
    case 'releasing':
      return `${id}: its thread continues after part ${receipts.length}.`;
    case 'failed':
      return `${id}: its thread is waiting. Use \`retry ${id}\` to continue it.`;
    case 'queued':
      return `${id} is queued again.`;
    default:
      return `${id} ${stateClause(state)}.`;
  }
}

/** Only the address of a post on that network and of that account will do. */
async function readReceipt(
  { store, settings, clock }: CommandContext,
  one: Delivery,
  url: string | undefined,
): Promise<Receipt> {
  if (url === undefined)
    throw new WrongUsage(`the URL of the post is missing. Use \`settle ${one.id} released URL\``);
  const account = settings.accounts.find(({ name }) => name === one.account);
  if (!account) throw new Refusal(`${one.account} is not in the configuration`);
  const { identity } = await readAccount(store, one.account);
  const { baseUrl, network } = account;
  const site = 'site' in account ? account.site : undefined;
  const read = traitsOf(network).readAddress(url, { identity, baseUrl, site });
  if ('code' in read) throw new Refusal(`cannot settle ${one.id}: ${read.reason}`);
  const other = await findTaken(store, one, read.id);
  if (other !== undefined) throw new Refusal(`${url} is ${other}: each post is published once`);
  return { ...read, at: one.startedAt ?? clock.now() };
}

/** The other delivery that has this receipt. A repost has that of the original. */
async function findTaken(
  store: CommandContext['store'],
  { id, account, terms }: Delivery,
  receipt: string,
): Promise<string | undefined> {
  const isRepost = (one: Pick<Delivery, 'terms'>) => one.terms.followUp?.as === 'repost';
  if (isRepost({ terms })) return undefined;
  const states = ['released', 'releasing', 'uncertain', 'failed'] as const;
  const others = await store.listDeliveries({ account, states });
  const found = others.find(
    (one) => one.id !== id && !isRepost(one) && one.receipts.some((has) => has.id === receipt),
  );
  return found?.id;
}
