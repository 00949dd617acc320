import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MakePlace } from './contract.ts';
import { makeDelivery, makeEntry, outputOf, startChild, type Child } from './kit.ts';

export function processContract(makePlace: MakePlace): void {
  test('four processes that claim from one queue get each delivery once', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const ids = await store.addDeliveries(
      Array.from({ length: 120 }, (_, n) => makeDelivery(`p${n}`)),
    );
    const children = Array.from({ length: 4 }, () => startChild('claim-all.ts', place.target));
    const claimed = (await Promise.all(children.map(releaseTogether(children.length)))).flat();
    expect(claimed.sort()).toEqual(ids.sort());
    expect(await store.listJournal({ types: ['intent'] })).toHaveLength(120);
    expect((await store.listDeliveries({})).every((delivery) => delivery.fence === 1)).toBe(true);
  });

  test('a process that is killed while it writes leaves every answered change, each with its entry', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    await store.addDeliveries([makeDelivery('a')]);
    for (let round = 1; round <= 3; round += 1) {
      const { child, lines, ended } = startChild('write-on.ts', place.target, 'a@bsky');
      let answered = 0;
      let count = 0;
      for await (const line of lines) {
        answered = Number(line);
        if (++count === 15 * round) child.kill('SIGKILL');
      }
      await ended;
      await using again = await place.open();
      const revision = (await again.findDelivery('a@bsky'))?.revision ?? 0;
      expect(revision).toBeGreaterThanOrEqual(answered);
      const entries = (await again.listJournal({ delivery: 'a@bsky' })).map(({ id }) => id);
      expect(entries).toEqual(Array.from({ length: revision }, (_, n) => `a@bsky ${n + 1}`));
    }
  });

  test('processes that start together on an empty place make one store', async () => {
    await using place = await makePlace();
    const outputs = await Promise.all(
      Array.from({ length: 4 }, () => outputOf(startChild('open-once.ts', place.target))),
    );
    expect(outputs).toEqual(Array.from({ length: 4 }, () => ['opened']));
    await using store = await place.open('beside');
    expect(await store.listFacts('started ')).toHaveLength(4);
  });

  test('whoever works beside the service does not make a store, and says who does', async () => {
    await using place = await makePlace();
    await expect(place.open('beside')).rejects.toMatchObject({
      name: 'StoreError',
      kind: 'absent',
      message: expect.stringContaining('npm start'),
    });
    await (await place.open('serve'))[Symbol.asyncDispose]();
    await using store = await place.open('beside');
    expect(await store.countDeliveries({})).toBe(0);
  });

  test('a second one who has it open sees what the first one wrote', async () => {
    await using place = await makePlace();
    await using one = await place.open();
    await using two = await place.open('beside');
    await two.appendJournal([makeEntry('said by the CLI')]);
    expect(await one.listJournal({})).toHaveLength(1);
    await one.addDeliveries([makeDelivery('a')]);
    expect(await two.findDelivery('a@bsky')).toEqual(await one.findDelivery('a@bsky'));
  });

  test('a copy that is made while it runs is whole, and replaces an older one (where the store is a file)', async () => {
    await using place = await makePlace();
    await using store = await place.open();
    const { backup } = store;
    expect(backup === undefined).toBe(store.kind === 'mongodb');
    if (!backup) return;
    await store.addDeliveries(
      Array.from({ length: 700 }, (_, n) => makeDelivery(`p${n}`)),
      [makeEntry('all')],
    );
    const file = join(place.target.dataFolder, 'copy');
    await backup(file);
    const size = (await readFile(file)).length;
    await Promise.all([
      backup(file),
      store.changeDelivery(makeDelivery('p1'), makeDelivery('p1', { state: 'skipped' })),
    ]);
    expect((await readFile(file)).length).toBeGreaterThan(size / 2);
    await expect(backup(join(place.target.dataFolder, 'no', 'such', 'folder'))).rejects.toThrow();
    expect(await store.countDeliveries({})).toBe(700);
  });
}

/** Lets all begin once the last one has said that it is ready. */
function releaseTogether(count: number): (child: Child) => Promise<string[]> {
  let waiting = count;
  const { promise: start, resolve } = Promise.withResolvers<void>();
  return async ({ child, lines, ended }) => {
    const claimed: string[] = [];
    for await (const line of lines) {
      if (line !== 'ready') claimed.push(line);
      else {
        if (--waiting === 0) resolve();
        void start.then(() => child.stdin?.write('go\n'));
      }
    }
    await ended;
    return claimed;
  };
}
