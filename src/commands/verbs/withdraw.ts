import { type Delivery, isOpen } from '../../core/delivery/delivery.ts';
import { withdrawn } from '../../core/delivery/moves.ts';
import { changeAll } from '../change.ts';
import type { Command } from '../command.ts';
import { busy, findEach, list, pickApplicable, tellLeftOut } from '../find.ts';
import { stateClause } from '../publishing-words.ts';

export const withdraw: Command = {
  name: 'withdraw',
  args: '<id>',
  help: 'take back a post that is not published yet',
  examples: ['withdraw hello@bsky'],
  async run(context, { args }) {
    const found = await findEach(context, args[0]);
    const changed = await changeAll(context, {
      verb: 'withdraw',
      type: 'withdrawn',
      deliveries: pickApplicable(found, 'withdraw', whyNot),
      text: (one) => `${one.id} was withdrawn`,
      change: (one) => withdrawn(one, `withdrawn by ${context.by}`),
    });
    return {
      text: [
        `${list(changed)} withdrawn.`,
        ...tellLeftOut(found, changed, whyNot),
        '`undo` takes it back.',
      ].join(' '),
      json: { withdrawn: changed.map(({ id }) => id) },
    };
  },
};

function whyNot(one: Delivery): string | undefined {
  const { state, receipts } = one;
  const isStuck = (state === 'missed' || state === 'failed') && !receipts.length;
  return isOpen(state) || isStuck ? undefined : (busy(one) ?? stateClause(state));
}
