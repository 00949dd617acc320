import { createHmac } from 'node:crypto';
import { Refusal } from '../../core/problem.ts';
import type { Store } from '../../ports/store.ts';
import { makeSecret, readSecret } from './kept-secret.ts';

/** What a stop knows an address by: nobody can tell the address from it without the file. */
export type HashOfAddress = (addressKey: string) => string;

/** Which secret the stops of a store were made with; it moves with the store. */
const factKey = 'people:address-key';

/**
 * The secret is in a file of the data folder and in no export. With another secret nobody's stop
 * would be found, and people would be written to who said no: throws a Refusal where the file is
 * not the one that this store's stops were made with.
 */
export async function openAddressHash(
  file: string,
  store: Pick<Store, 'findFact' | 'putFact'>,
): Promise<HashOfAddress> {
  const known = (await store.findFact<string>(factKey))?.value;
  const found = await readSecret(file);
  if (!found && known !== undefined) throw new Refusal(`${file} is missing: ${advice}`);
  const secret = found ?? (await makeSecret(file));
  const mark = hash(secret, 'the secret itself');
  if (known === undefined) await store.putFact(factKey, mark, 0);
  // Of two processes that begin one store with different files, one was faster.
  const first = known ?? (await store.findFact<string>(factKey))?.value;
  if (first !== mark) throw new Refusal(`${file} is not the one of this store: ${advice}`);
  return (addressKey) => hash(secret, `address ${addressKey}`);
}

const advice =
  'who has unsubscribed is known by it alone. Copy it from the data folder that this store was ' +
  'used with before; until then nobody is written to';

const hash = (secret: Buffer, text: string) =>
  createHmac('sha256', secret).update(text).digest('base64url');
