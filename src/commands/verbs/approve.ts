import { type Delivery, isOpen } from '../../core/delivery/delivery.ts';
import { approved, withdrawn } from '../../core/delivery/moves.ts';
import { changeAll } from '../change.ts';
import type { Command } from '../command.ts';
import { findEach, list, pickApplicable, tellLeftOut } from '../find.ts';
import { stateClause } from '../publishing-words.ts';

export const approve: Command = {
  name: 'approve',
  args: '<id>',
  help: 'approve a post that waits for approval; an edited text needs a new approval',
  examples: ['approve hello'],
  async run(context, { args }) {
    const found = await findEach(context, args[0]);
    const changed = await changeAll(context, {
      verb: 'approve',
      type: 'approved',
      deliveries: pickApplicable(found, 'approve', whyNotApproved),
      text: (one) => `${one.id} was approved`,
      change: approved,
    });
    return {
      text: [`${list(changed)} approved.`, ...tellLeftOut(found, changed, whyNotApproved)].join(
        ' ',
      ),
      json: { approved: changed.map(({ id }) => id) },
    };
  },
};

function whyNotApproved({ terms, state, approvedHash }: Delivery): string | undefined {
  if (!terms.approval) return 'needs no approval';
  if (!isOpen(state)) return stateClause(state);
  return approvedHash === terms.hash ? 'is approved already' : undefined;
}

export const reject: Command = {
  name: 'reject',
  args: '<id>',
  help: 'do not publish a post that waits for approval',
  examples: ['reject hello'],
  async run(context, { args }) {
    const found = await findEach(context, args[0]);
    const changed = await changeAll(context, {
      verb: 'reject',
      type: 'rejected',
      deliveries: pickApplicable(found, 'reject', whyNotRejected),
      text: (one) => `${one.id} was rejected`,
      change: (one) => withdrawn(one, 'rejected'),
    });
    return {
      text: [
        `${list(changed)} rejected.`,
        ...tellLeftOut(found, changed, whyNotRejected),
        '`undo` takes it back.',
      ].join(' '),
      json: { rejected: changed.map(({ id }) => id) },
    };
  },
};

function whyNotRejected({ terms, state }: Delivery): string | undefined {
  if (!isOpen(state)) return stateClause(state);
  return terms.approval ? undefined : 'needs no approval: `withdraw` takes it back';
}
