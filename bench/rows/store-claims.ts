import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { alter, makeDelivery, makeFolder } from '../../test/store/kit.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/ports/store.ts';
import { spread, type Row } from '../row.ts';

export const name = 'store claims';

const accounts = ['x-main', 'bsky', 'masto'];
const claims = 300;

/** Half of them still in the queue, half released: more than any real queue holds. */
async function fill(store: Store, size: number): Promise<number> {
  const startedAt = performance.now();
  let added = 0;
  for (let from = 0; from < size; from += 5000) {
    const ids = await store.addDeliveries(
      Array.from({ length: Math.min(5000, size - from) }, (_, i) => {
        const n = from + i;
        const isReleased = n % 2 === 1;
        return makeDelivery(`post-${n}`, {
          account: accounts[n % 3] ?? '',
          rank: `m1000000 ${String(n).padStart(9, '0')}.md`,
          state: isReleased ? 'released' : 'planned',
          at: 1_700_000_000_000 + n,
          ...(isReleased && {
            startedAt: 1_700_000_000_000 + n,
            receipts: [{ id: String(n), url: `https://example.com/${n}`, at: n }],
          }),
        });
      }),
    );
    added += ids.length;
  }
  return added / ((performance.now() - startedAt) / 1000);
}

/**
 * What durable writes cost at least on this disk: virtual ones answer before anything has reached a
 * platter.
 */
async function measureFsync(folder: string): Promise<string> {
  await using handle = await open(join(folder, 'fsync'), 'w');
  const times: number[] = [];
  for (let n = 0; n < 100; n += 1) {
    await handle.write('x'.repeat(4096));
    await timed(times, () => handle.sync());
  }
  return `one fsync here: ${spread(times)}`;
}

async function timed(times: number[], work: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await work();
  times.push(performance.now() - startedAt);
}

async function measure(size: number): Promise<Row[]> {
  await using folder = await makeFolder();
  await using store = await openStore({ dataFolder: folder.path, mode: 'serve' });
  const note = await measureFsync(folder.path);
  const rate = await fill(store, size);
  const [claim, slot, head]: [number[], number[], number[]] = [[], [], []];
  for (let n = 0; n < claims; n += 1) {
    const account = accounts[n % 3] ?? '';
    await timed(slot, () =>
      store.listDeliveries({ account, states: ['planned'], order: 'at', limit: 1 }),
    );
    await timed(head, () => store.listDeliveries({ states: ['queued', 'planned'], limit: 20 }));
    await timed(claim, async () => {
      const [due] = await store.listDeliveries({
        account,
        states: ['planned'],
        dueBy: Date.now(),
        order: 'at',
        limit: 1,
      });
      if (due)
        await store.changeDelivery(due, alter(due, { state: 'releasing', fence: due.fence + 1 }), [
          { id: `claim ${due.id}`, at: n, type: 'intent', by: 'bench' },
        ]);
    });
  }
  const label = `SQLite, ${size.toLocaleString('en')} deliveries`;
  return [
    { what: `${label}: claim what is due (durable, with its entry)`, value: spread(claim), note },
    { what: `${label}: an account's next slot`, value: spread(slot) },
    { what: `${label}: the first 20 of the queue`, value: spread(head) },
    { what: `${label}: adding`, value: `${Math.round(rate).toLocaleString('en')} a second` },
  ];
}

export async function run(): Promise<Row[]> {
  return [...(await measure(1000)), ...(await measure(1_000_000))];
}
