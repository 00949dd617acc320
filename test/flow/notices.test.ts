import { expect, test } from 'vitest';
import { openWorld, until } from './world.ts';

test('a queue that runs dry within three days is told about once', async () => {
  await using world = await openWorld({
    yaml: 'cadence: { perDay: 2, minGap: 1h }',
    files: { 'posts/a.md': 'A', 'posts/b.md': 'B' },
  });
  await using _served = await world.serve();
  await world.say('resume');
  const told = async () =>
    (await world.say('journal')).filter(({ text }: { text?: string }) =>
      text?.includes('runs dry'),
    );
  await until('each account', async () => (await told()).length >= 3);
  await world.say('pause');
  await world.say('resume');
  await until('the service has heard it', async () => (await world.say('status')).paused === null);
  expect((await told()).map(({ account }: { account: string }) => account).sort()).toEqual([
    'bsky',
    'masto',
    'x',
  ]);
});
