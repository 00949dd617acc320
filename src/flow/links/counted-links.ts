import { randomBytes } from 'node:crypto';
import type { LinkCounting } from '../../core/clicks/counted-link.ts';
import type { Delivery } from '../../core/delivery/delivery.ts';
import type { Message } from '../../core/post/message.ts';
import type { Context } from '../context.ts';
import { changeFact, factKey, readFact } from '../facts.ts';

/** What the codes of counted links are made with: it moves with the store. */
const secretFact = factKey<string | undefined>('links:secret', undefined);

type Counting = Pick<Context, 'store' | 'settings'>;

/** For whoever only looks: nothing is written. Undefined: links are not counted. */
export async function readCounting({
  store,
  settings: { links },
}: Counting): Promise<LinkCounting | undefined> {
  if (!links) return undefined;
  const secret = await readFact(store, secretFact);
  return secret === undefined ? links : { ...links, secret };
}

/** For whoever publishes: the first one makes the secret. */
export async function makeCounting(context: Counting): Promise<LinkCounting | undefined> {
  const known = await readCounting(context);
  if (!known || known.secret !== undefined) return known;
  const secret = await changeFact(context.store, secretFact, (value) =>
    value === undefined ? randomBytes(32).toString('base64url') : undefined,
  );
  return secret === undefined ? known : { ...known, secret };
}

/** Before the intent: what is out there always leads somewhere. */
export async function keepLink(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  { id: delivery, post, account, network }: Delivery,
  { counted }: Pick<Message, 'counted'>,
): Promise<void> {
  if (!counted) return;
  const { code, target } = counted;
  const createdAt = clock.now();
  await store.addLinks([{ code, target, delivery, post, account, network, createdAt }]);
}
