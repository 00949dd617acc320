import sharp from 'sharp';
import type { Served } from '../../src/app.ts';
import { until } from '../flow/world.ts';
import { alter } from '../store/kit.ts';

/** A small red square. */
export const png = (): Promise<Buffer> =>
  sharp({ create: { width: 32, height: 32, channels: 3, background: 'red' } })
    .png()
    .toBuffer();

/** As after a crash between request and receipt that nobody could clear up. */
export async function makeUncertain(
  { context: { store, clock } }: Served,
  id: string,
): Promise<void> {
  await until(`${id} is uncertain`, async () => {
    const before = await store.findDelivery(id);
    if (!before) return false;

    const entry = {
      id: `${id}#made:uncertain`,
      at: clock.now(),
      type: 'uncertain' as const,
      by: 'dripline',
      delivery: id,
      post: before.post,
      account: before.account,
      text: `${id} is uncertain: nobody knows whether it landed`,
    };
    return store.changeDelivery(
      before,
      alter(before, {
        state: 'uncertain',
        startedAt: clock.now(),
        reason: 'nobody knows whether it landed',
      }),
      [entry],
    );
  });
}

/** The account's network does not answer until `release`. */
export function holdPublishing({ context: { publishers } }: Served, account: string) {
  const publisher = publishers.get(account);
  if (!publisher) throw new Error(`no account ${account}`);
  const { publish } = publisher;
  const begun = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  publisher.publish = async (payload, call) => {
    begun.resolve();
    await released.promise;
    return publish(payload, call);
  };
  return { begun: begun.promise, release: () => released.resolve() };
}
