import { expect, test } from 'vitest';
import { within } from '../../src/ports/deadline.ts';

const forever = () => new Promise<never>(() => undefined);

test('work that is done in time is answered as it is, its errors too', async () => {
  expect(await within({ limitFor: 1000 }, async () => 7)).toBe(7);
  await expect(
    within({ limitFor: 1000 }, () => Promise.reject(new Error('its own'))),
  ).rejects.toThrow('its own');
});

test('work that listens is stopped by its signal, and tells why in its own words', async () => {
  const listens = (signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new Error('stopped'))),
    );
  await expect(within({ limitFor: 20 }, listens)).rejects.toThrow('stopped');
});

test('work that does not listen is left alone all the same, when the time is up or the caller says so', async () => {
  await expect(within({ limitFor: 20 }, forever)).rejects.toMatchObject({
    name: 'TimeoutError',
    message: 'not finished within 0.02 s',
  });
  const caller = new AbortController();
  const left = within({ signal: caller.signal, limitFor: 60_000 }, forever);
  caller.abort(new Error('shutting down'));
  await expect(left).rejects.toThrow('shutting down');
  await expect(within({ signal: caller.signal, limitFor: 1000 }, async () => 7)).rejects.toThrow(
    'shutting down',
  );
});
