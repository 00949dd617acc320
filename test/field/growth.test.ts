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
  return { ...watched, context, [Symbol.asyncDispose]: context[Symbol.asyncDispose] };
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
  if (!command) throw new Error(`no command ${verb}`);
  return (await command.run(context, { args, options })) as { text: string; json: any };
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

test.each([
  ['show post-77x', /there is no post "post-77x"/],
  ['stats 7d --campaign=sprng', /there is no campaign "sprng" in the queue or since 2026-05-26/],
])('%s reads the same whatever was published before', async (line, refusal) => {
  const reads = await readsOf(async (context) => {
    await expect(say(context, line)).rejects.toThrow(refusal);
  });
  expect(reads[1]).toBe(reads[0]);
  expect(reads[0]).toBeLessThan(1500);
});

test('the journal without a word tells the newest thousand, and says that there is more', async () => {
  const reads = await readsOf(async (context) => {
    const { text, json } = await say(context, 'journal');
    expect(json).toHaveLength(1000);
    expect(text).toMatch(/^The newest 1000 entries\. Earlier ones: --since 30d, or --limit 5000\n/);
    expect(text.endsWith('entry 0')).toBe(true);
  });
  expect(reads).toEqual([1001, 1001]);
  await using history = await openHistory(1200);
  expect((await say(history.context, 'journal --limit=1100')).json).toHaveLength(1100);
  expect((await say(history.context, 'journal --since=2020-01-01')).json).toHaveLength(1200);
});

test('no page of what is published walks through all of it, and the last one says that it ends', async () => {
  await using history = await openHistory(sizes[0]);
  const far = await showPage(history.context, '/queue?show=released&from=100000');
  expect(far.body).toContain('of more than 1,250 posts. The list ends here');
  expect(far.body).not.toContain('rel="next"');
  expect(far.body).toContain('1,250+');
  expect(history.deepest()).toBeLessThanOrEqual(2500);
  const last = await showPage(history.context, '/queue?show=released&account=x&from=1975');
  expect(last.body).not.toContain('The list ends here');
});

test.each([
  'status',
  'queue',
  'queue --days=60',
  'next 3',
  'show post-5',
  'stats 30d',
  'journal --limit=20',
  'plan',
  '/',
  '/calendar',
  '/engagement',
  '/pace',
  '/campaigns',
  '/accounts',
  '/journal',
  '/queue',
  '/queue?show=released&from=1000',
  '/queue?show=released&text=nowhere',
  '/queue?show=released&campaign=spring',
  '/posts/post-5',
])('%s reads no more of a longer history', async (what) => {
  const reads = await readsOf((context) =>
    what.startsWith('/') ? showPage(context, what) : say(context, what),
  );
  expect(reads[0]).toBeGreaterThan(0);
  expect(reads[1]).toBe(reads[0]);
});
