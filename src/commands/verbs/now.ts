import type { Delivery } from '../../core/delivery/delivery.ts';
import { stateClause } from '../publishing-words.ts';
import { urged } from '../../core/delivery/moves.ts';
import { plural } from '../../core/plural.ts';
import { approvalMissing } from '../../flow/plan/candidates.ts';
import { changeAll } from '../change.ts';
import { type Command, WrongUsage } from '../command.ts';
import { busy, findEach, pickApplicable, whyNothingGoesOut } from '../find.ts';
import { awaitOutcome } from './now-outcome.ts';

export const now: Command = {
  name: 'now',
  args: '<id>',
  help: 'publish at once (asks first)',
  examples: ['now hello@bsky', 'now hello --yes'],
  options: [
    { name: '--yes', help: 'do not ask' },
    { name: '--wait', value: '<seconds>', help: 'how long to wait for the outcome (60)' },
  ],
  confirm: ({ args }) => `Publish ${args[0]} at once?`,
  async run(context, { args, options }) {
    const { clock } = context;
    const seconds = Number(options['wait'] ?? 60);
    if (!(seconds >= 0 && seconds <= 86_400))
      throw new WrongUsage('--wait takes a number of seconds, such as 60');
    const found = await findEach(context, args[0]);
    const held = await whyNothingGoesOut(context, found);
    const deliveries = pickApplicable(found, 'publish now', (one) => whyNot(one, held));
    const changed = await changeAll(context, {
      verb: 'now',
      type: 'now',
      deliveries,
      text: (one) => `${one.id} will be published at once`,
      change: (one) => urged(one, { now: clock.now(), why: `at once, by ${context.by}` }),
    });
    return awaitOutcome(context, changed, seconds);
  },
};

/** Only a thread that failed keeps what it takes to continue it. */
function tellParts({ id, state, receipts }: Delivery): string {
  const parts = `has ${plural(receipts.length, 'part')} published`;
  return state === 'failed'
    ? `${parts}: use \`retry ${id}\``
    : `${parts}, and ${stateClause(state)}`;
}

function whyNot(one: Delivery, held: ReadonlyMap<string, string>): string | undefined {
  const { receipts, terms } = one;
  return (
    busy(one) ??
    (one.state === 'released' ? 'is published' : undefined) ??
    held.get(one.account) ??
    (terms.held && `is held: ${terms.held.text}`) ??
    approvalMissing(one)?.text ??
    (receipts.length ? tellParts(one) : undefined)
  );
}
