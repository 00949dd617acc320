import { expect, test } from 'vitest';
import { ownTurn } from '../../src/ports/own-turn.ts';

test('what several ask for at once comes one by one, and what else is due comes in between', async () => {
  const seen: string[] = [];
  const timer = setInterval(() => seen.push('timer'), 1);
  await Promise.all(
    [1, 2, 3, 4].map(async (one) => {
      await ownTurn();
      seen.push(`turn ${one}`);
      const since = performance.now();
      while (performance.now() - since < 10);
    }),
  );
  clearInterval(timer);
  const turns = seen.filter((one) => one !== 'timer');
  expect(turns).toEqual(['turn 1', 'turn 2', 'turn 3', 'turn 4']);
  for (let i = 1; i < seen.length; i++)
    expect(seen.slice(i - 1, i + 1), seen.join()).toContain('timer');
});
