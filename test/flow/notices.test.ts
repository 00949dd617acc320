import { expect, test } from 'vitest';
import { openMovableClock, openTestCommands, openWorld, tuesday, until } from './world.ts';

interface Entry {
  account?: string;
  text?: string;
}

const findDry = (journal: Entry[]) => journal.filter(({ text }) => text?.includes('runs dry'));

test('a queue that runs dry within three days is told about once', async () => {
  await using world = await openWorld({
    yaml: 'cadence: { perDay: 2, minGap: 1h }',
    files: { 'posts/a.md': 'A', 'posts/b.md': 'B' },
    clock: openMovableClock(tuesday),
  });
  await using served = await world.serve();
  await world.say('resume');
  await until('each account', async () => findDry(await world.say<Entry[]>('journal')).length >= 3);
  await world.say('pause');
  await world.say('resume');
  // What shows that the plan was made anew since. The service then ends what it has in hand: all
  // that it had to tell is told.
  await world.say('move b top');
  await until(
    'a new plan',
    async () =>
      (await world.say<{ delivery: string }[]>('queue --account=masto'))[0]?.delivery === 'b@masto',
  );
  await served[Symbol.asyncDispose]();
  await using commands = await openTestCommands(world);
  expect(
    findDry(await commands.say('journal'))
      .map(({ account }) => account)
      .toSorted(),
  ).toEqual(['bsky', 'masto', 'x']);
});
