import { day, formatLocal, localDate } from '../../core/time.ts';
import { type Context, makeEntry } from '../context.ts';

const dryWithin = 3 * day;

/** Says once for each end of a queue that it is near. The sandbox's queue is short on purpose. */
export async function tellWhenDry(
  context: Pick<Context, 'store' | 'clock' | 'settings'>,
  account: string,
): Promise<void> {
  const { store, clock, settings } = context;
  if (settings.isSandbox || (await store.countDeliveries({ account, states: ['queued'] }))) return;
  const planned = await store.listDeliveries({ account, states: ['planned'], order: 'at' });
  const last = planned.at(-1)?.at;
  if (last === undefined || last > clock.now() + dryWithin) return;
  const end = formatLocal(last, settings.zone);
  const id = `dry:${account}:${localDate(last, settings.zone)}`;
  await store.appendJournal([
    makeEntry(context, 'notice', {
      id,
      account,
      text: `the queue of ${account} runs dry: its last post is scheduled for ${end}. Add posts`,
    }),
  ]);
}
