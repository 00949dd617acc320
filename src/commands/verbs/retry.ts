import type { Delivery } from '../../core/delivery/delivery.ts';
import { retried } from '../../core/delivery/moves.ts';
import { continued } from '../../core/delivery/release-moves.ts';
import { changeAll } from '../change.ts';
import type { Command } from '../command.ts';
import { findEach, pickApplicable, whyNothingGoesOut } from '../find.ts';
import { stateClause } from '../publishing-words.ts';

export const retry: Command = {
  name: 'retry',
  args: '<id>',
  help: 'retry a failed, missed or expired post',
  examples: ['retry hello@x'],
  async run(context, { args }) {
    const found = await findEach(context, args[0]);
    const held = await whyNothingGoesOut(context, found);
    const now = context.clock.now();
    const changed = await changeAll(context, {
      verb: 'retry',
      type: 'retried',
      deliveries: pickApplicable(found, 'retry', (one) => whyNot(one, held)),
      text: (one) => `${one.id} will be retried`,
      // A thread that has begun does not wait for a slot.
      change: (one) => (one.receipts.length ? continued(one, now) : retried(one, now)),
    });
    return {
      text: changed.map(tell).join('\n'),
      json: { retried: changed.map(({ id }) => id) },
    };
  },
};

const tell = ({ id, receipts }: Delivery) =>
  receipts.length ? `${id} continues its thread.` : `${id} is back in the queue.`;

function whyNot(
  { state, receipts, account }: Delivery,
  held: ReadonlyMap<string, string>,
): string | undefined {
  if (state === 'uncertain') return 'is uncertain: check the account, then `settle` it';
  if (state !== 'failed' && state !== 'missed' && state !== 'expired') return stateClause(state);
  return receipts.length ? held.get(account) : undefined;
}
