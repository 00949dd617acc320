import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportLines } from '../../src/flow/moving/export-store.ts';
import { restoreLines } from '../../src/flow/moving/restore-store.ts';
import { PublishError } from '../../src/ports/publisher.ts';
import { openStore } from '../../src/store/open-store.ts';
import { openWorld, quick, until, type World } from './world.ts';

const timing = { ...quick, lookGapFor: 10, sweepEvery: 50 };

async function readLines(world: World): Promise<string[]> {
  await using store = await openStore({ dataFolder: world.config.folders.data, mode: 'beside' });
  const lines: string[] = [];
  for await (const line of exportLines(store, (json) => json)) lines.push(line.trimEnd());
  return lines;
}

async function startAnew(world: World, lines: string[]): Promise<void> {
  const { data } = world.config.folders;
  for (const end of ['', '-wal', '-shm']) rmSync(join(data, `dripline.db${end}`), { force: true });
  rmSync(join(data, 'alarms.db'), { force: true });
  await using store = await openStore({ dataFolder: data, mode: 'serve' });
  async function* all() {
    yield* lines;
  }
  await restoreLines(store, all(), world.clock.now());
}

test.each([
  ['masto', 'mastodon', false, 'uncertain'],
  ['masto', 'mastodon', true, 'released'],
  ['bsky', 'bluesky', false, 'uncertain'],
  ['bsky', 'bluesky', true, 'released'],
  ['x', 'x', false, 'uncertain'],
  ['x', 'x', true, 'released'],
] as const)(
  'what was being sent to %s (%s; it arrived: %s) is looked for after a restore, never sent again',
  async (account, network, arrives, state) => {
    await using world = await openWorld({
      files: {
        'posts/a.md': `---\nnetworks: [${network}]\n---\nA`,
        'posts/b.md': `---\nnetworks: [${network}]\n---\nB`,
      },
    });
    {
      await using served = await world.serve({ timing });
      const publisher = served.context.publishers.get(account)!;
      const { publish } = publisher;
      let isSent = false;
      publisher.publish = async (payload, call) => {
        if (arrives) await publish(payload, call);
        else call.mayOpen();
        isSent = true;
        throw new PublishError('unknown', 'no answer in time');
      };
      publisher.lookUp = async () => {
        throw new PublishError('wait', 'not now', { until: world.clock.now() + 300 });
      };
      await world.say('resume');
      await until('it is sent', () => isSent);
    }
    await startAnew(world, await readLines(world));
    await using served = await world.serve({ timing });
    const { store } = served.context;
    const status = await world.say<{ paused: { why?: string } }>('status');
    expect(status.paused.why).toMatch(/the store was restored/);
    await until(state, async () => (await store.findDelivery(`a@${account}`))?.state === state);
    expect(world.texts(network)).toEqual(arrives ? ['A'] : []);
    expect((await store.findDelivery(`b@${account}`))?.state).not.toBe('released');
    await world.say('resume');
    expect((await world.say<{ paused: unknown }>('status')).paused).toBeNull();
  },
);
