import type { Delivery } from '../../core/delivery/delivery.ts';
import type { Receipt, Relation } from '../../core/post/message.ts';
import { PublishError } from '../../ports/publisher.ts';
import type { Store } from '../../ports/store.ts';

/**
 * What a follow-up answers, quotes or reposts; undefined: it stands on its own. Throws a
 * PublishError where that is not there any more.
 */
export async function findRelation(
  store: Pick<Store, 'findDelivery'>,
  { terms }: Delivery,
): Promise<Relation | undefined> {
  const { followUp } = terms;
  if (!followUp || followUp.as === 'post') return undefined;
  const parent = await store.findDelivery(followUp.of);
  const of = parent?.receipts[0];
  if (!parent || !of || parent.goneAt !== undefined)
    throw new PublishError('refused', `${followUp.of} is no longer there`, {
      isRelationRefused: true,
    });
  return followUp.as === 'reply'
    ? { as: 'reply', conversation: conversationOf(parent) }
    : { as: followUp.as, of };
}

/** From its root to the last thing that we said in it. */
function conversationOf({ intent, receipts }: Delivery): Receipt[] {
  const relation = intent?.message.relation;
  return [...(relation?.as === 'reply' ? relation.conversation : []), ...receipts];
}
