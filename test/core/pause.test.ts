import { expect, test } from 'vitest';
import { freshFrom, noPause, type PauseState, pauseOf } from '../../src/core/pause-state.ts';

const state = (changes: Partial<PauseState>): PauseState => ({ ...noPause, ...changes });

test('a pause of everything or of the account holds, until its end', () => {
  const both = state({
    paused: { '*': { since: 1, until: 100, by: 'cli' }, x: { since: 2, by: 'web' } },
  });
  expect(pauseOf(both, 'x', 50)?.by).toBe('cli');
  expect(pauseOf(both, 'x', 100)?.by).toBe('web');
  expect(pauseOf(both, 'bsky', 99)?.by).toBe('cli');
  expect(pauseOf(both, 'bsky', 100)).toBeUndefined();
  expect(pauseOf(noPause, 'x', 5)).toBeUndefined();
});

test('slots before the last end of a pause are gone, however it ended', () => {
  const one = state({
    paused: { '*': { since: 1, until: 100, by: 'cli' } },
    resumedAt: { x: 40, bsky: 120 },
  });
  expect(freshFrom(one, 'x', 50)).toBe(40);
  expect(freshFrom(one, 'x', 200)).toBe(100);
  expect(freshFrom(one, 'bsky', 200)).toBe(120);
  expect(freshFrom(noPause, 'x', 200)).toBe(0);
});
