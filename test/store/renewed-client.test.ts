import fc from 'fast-check';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openRenewing } from '../../src/io/renewed-client.ts';
import { inputs } from '../field/kit.ts';

interface Fake {
  number: number;
  isStuck: boolean;
  isClosed: boolean;
}

const silence = new Error('no server was found');

function openFake(timing = { renewAfter: 20, commandFor: 50 }) {
  const made: Fake[] = [];
  const renewing = openRenewing<Fake>({
    open: () => {
      const fake = { number: made.length, isStuck: false, isClosed: false };
      made.push(fake);
      return fake;
    },
    close: async (fake) => {
      fake.isClosed = true;
    },
    isSilence: (error) => error === silence,
    toTimeout: () => silence,
    timing,
  });
  const ask = (how: 'answer' | 'refuse' | 'silent' | 'hang' = 'answer') =>
    renewing.run(async (fake): Promise<number> => {
      if (fake.isStuck || how === 'silent') throw silence;
      if (how === 'hang') return new Promise(() => undefined);
      if (how === 'refuse') throw new Error('not allowed');
      return fake.number;
    });
  return { made, renewing, ask };
}

test('a client that is stuck for ever is replaced, closed, and the next one answers', async () => {
  const { made, renewing, ask } = openFake();
  expect(await ask()).toBe(0);
  made[0]!.isStuck = true;
  await expect.poll(() => ask().catch(() => 'silent')).toBe(1);
  expect(made.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  expect(renewing.silentFor()).toBe(0);
});

test('a command that hangs ends, and counts as silence', async () => {
  const { renewing, ask } = openFake();
  await expect(ask('hang')).rejects.toBe(silence);
  expect(renewing.silentFor()).toBeGreaterThan(0);
});

test('the silence goes on over a new client until something is answered', async () => {
  const { made, renewing, ask } = openFake({ renewAfter: 0, commandFor: 50 });
  await expect(ask('silent')).rejects.toBe(silence);
  await delay(2);
  await expect(ask('silent')).rejects.toBe(silence);
  expect(made.length).toBeGreaterThan(1);
  expect(renewing.silentFor()).toBeGreaterThan(0);
  await expect(ask('refuse')).rejects.toThrow('not allowed');
  expect(renewing.silentFor()).toBe(0);
});

const orders = inputs(60, 1000);

test(`an answer ends any silence, and a refusal is an answer (${orders} orders)`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('answer', 'refuse', 'silent'), { minLength: 1, maxLength: 12 }),
      async (hows) => {
        const { renewing, ask } = openFake({ renewAfter: 1e6, commandFor: 1e6 });
        for (const how of hows) await ask(how).catch(() => undefined);
        expect(renewing.silentFor() > 0).toBe(hows.at(-1) === 'silent');
      },
    ),
    { numRuns: orders },
  );
});
