import { expect, test } from 'vitest';
import { enterNew } from '../../../src/flow/people/enter.ts';
import { openMemoryStore } from '../../../src/store/memory-store.ts';
import { openPeopleWorld, sequence, step } from './people-world.ts';

/** How often others had their turn while the work was done. */
async function turnsWhile(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await work();
  isOver = true;
  return turns;
}

test('while many people are looked at and written to, requests are answered', async () => {
  await using store = openMemoryStore();
  const welcome = sequence([step('hello'), step('bye')]);
  const world = openPeopleWorld({ store, sequences: [welcome] });
  const people = await Promise.all(Array.from({ length: 300 }, (_, i) => world.add(`p-${i}`)));
  await enterNew(world.context, people, { sequence: welcome, by: 'import' });
  let turns = 0;
  for (let i = 0; i < 40 && world.received.length < 600; i += 1)
    turns += await turnsWhile(() => world.sweep());
  expect(world.received).toHaveLength(600);
  // One at least for each person and each message.
  expect(turns).toBeGreaterThan(900);
});
