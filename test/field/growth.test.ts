import { expect, test } from 'vitest';
import { commands } from '../../src/commands/all-commands.ts';
import type { CommandContext } from '../../src/commands/command.ts';
import { chunks } from '../../src/core/chunks.ts';
import { day, hour } from '../../src/core/time.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { openMetrics } from '../../src/web/metrics.ts';
import { makeDelivery, makeEntry, makePost } from '../store/kit.ts';
import { now, openPageContext, showPage } from '../web/page-kit.ts';
import { watchReads } from './read-kit.ts';

/** History of so many posts on each of two accounts, one every six hours. */
async function openHistory(count: number) {
  const memory = openMemoryStore();
  const ages = Array.from({ length: count }, (_, n) => n);
  for (const some of chunks(ages)) {
    await memory.savePosts(some.map((n) => makePost(`post-${n}`)));
    await memory.addDeliveries(
      some.flatMap((n) =>
        (['x', 'bluesky'] as const).map((network) =>
          makeDelivery(`post-${n}`, {
            account: network,
            network,
            state: 'released',
            startedAt: now - (n + 1) * 6 * hour,
          }),
        ),
      ),
    );
    await memory.appendJournal(
      some.map((n) => makeEntry(`e${n}`, { at: now - n * 6 * hour, text: `entry ${n}` })),
    );
  }
  const watched = watchReads(memory);
  const context = await openPageContext(watched.store);
  return { context, take: watched.take, [Symbol.asyncDispose]: context[Symbol.asyncDispose] };
}

async function say(context: CommandContext, line: string): Promise<{ text: string; json: any }> {
  const [verb, ...words] = line.split(' ');
  const options = Object.fromEntries(
    words.flatMap((word) => {
      const match = /^--([^=]+)=(.*)$/.exec(word);
      return match ? [[match[1], match[2]]] : [];
    }),
  );
  const args = words.filter((word) => !word.startsWith('--'));
  const command = commands.find(({ name }) => name === verb);
  return (await command?.run(context, { args, options })) as { text: string; json: any };
}

const sizes = [2000, 6000] as const;

/** What is read of a history of each size by the same act. */
async function readsOf(
  act: (context: CommandContext, take: () => number) => Promise<unknown>,
): Promise<number[]> {
  const reads: number[] = [];
  for (const size of sizes) {
    await using history = await openHistory(size);
    history.take();
    await act(history.context, history.take);
    reads.push(history.take());
  }
  return reads;
}

test('each scrape of the metrics reads the same whatever was published before, and counts right', async () => {
  const told: string[] = [];
  const reads = await readsOf(async (context, take) => {
    const metrics = openMetrics(context);
    await metrics.read();
    take();
    await context.store.addDeliveries([
      makeDelivery('new', { account: 'x', network: 'x', state: 'released', startedAt: now }),
    ]);
    take();
    told.push(await metrics.read());
  });
  expect(reads[1]).toBe(reads[0]);
  expect(reads[0]).toBeLessThan(100);
  sizes.forEach((size, i) => {
    expect(told[i]).toContain(`dripline_deliveries{account="x",state="released"} ${size + 1}`);
    expect(told[i]).toContain(`dripline_deliveries{account="bluesky",state="released"} ${size}`);
    expect(told[i]).toContain('dripline_spend_usd{account="x"} 0');
  });
});

test('a release that is settled long after it began is counted within an hour', async () => {
  await using history = await openHistory(10);
  const clock = { at: now, now: () => clock.at, monotonic: () => clock.at };
  const metrics = openMetrics({ ...history.context, clock });
  await metrics.read();
  await history.context.store.addDeliveries([
    makeDelivery('late', { account: 'x', state: 'released', startedAt: now - 9 * day }),
  ]);
  clock.at += hour;
  expect(await metrics.read()).toContain('dripline_deliveries{account="x",state="released"} 11');
});
