import type { Delivery } from '../../core/delivery/delivery.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Message } from '../../core/post/message.ts';
import { Refusal } from '../../core/problem.ts';
import { type PartRequest, PublishError } from '../../ports/publisher.ts';
import type { Store } from '../../ports/store.ts';
import { type Context, makeEntry } from '../context.ts';
import { describe } from './describe-uploads.ts';
import { dropUploads, readUploads, tokensOf, writeUploads } from './uploads-fact.ts';

/** Its slot has come before the network had all of it: someone may wonder why nothing goes out. */
export async function waitForUploads(context: Context, next: Delivery): Promise<void> {
  const { store, alarms, clock } = context;
  const { id: delivery, account, network, post, terms } = next;
  const { text: how } = describe(await readUploads(store, delivery), next, clock.now());
  const text = `${delivery} waits: ${how}`;
  await store.appendJournal([
    makeEntry(context, 'deferred', {
      id: `${delivery}:uploads:${terms.hash}`,
      account,
      network,
      delivery,
      post,
      text,
    }),
  ]);
  await alarms.set('uploads', account, clock.now());
}

/** Nothing is claimed in vain: what the network does not take ends the release. Throws Refusal. */
export async function requireUploads(
  store: Store,
  { id }: Delivery,
  message: Message,
): Promise<void> {
  const fact = await readUploads(store, id);
  if (fact.refused !== undefined) {
    // Said once: `retry` sends it again.
    await dropUploads(store, id);
    throw new Refusal(fact.refused);
  }
  for (const part of message.parts.keys())
    if (!tokensOf(fact, message, part)) throw await askAgain(store, id);
}

/** For the next part, where it has media that move. Throws PublishError. */
export async function uploadsFor(
  { store }: Pick<Context, 'store'>,
  { id, terms }: Delivery,
  { message, index }: PartRequest,
): Promise<Pick<PartRequest, 'uploads'>> {
  if (!terms.moves) return {};
  const uploads = tokensOf(await readUploads(store, id), message, index);
  if (!uploads) throw await askAgain(store, id);
  return pickDefined({ uploads });
}

/** The file was replaced meanwhile, or what was sent is no longer there. */
async function askAgain(store: Store, id: string): Promise<PublishError> {
  const { of, media } = await readUploads(store, id);
  await writeUploads(store, id, { of, media, isDone: false, failures: 0 });
  return new PublishError('not-sent', 'its video has to be sent again first');
}
