import { expect, test } from 'vitest';
import { commands } from '../../src/commands/all-commands.ts';
import { readCalendar } from '../../src/commands/views/calendar-days.ts';
import { openWorld, until, type World } from '../flow/world.ts';
import type { Served } from '../../src/app.ts';
import { rareCadence, sayAs, stateOf, untilState } from './kit.ts';

const evergreen = '---\nevergreen: { every: 60d, times: 3, variants: [B, C] }\n---\nA';
const files = { 'posts/010-a.md': evergreen, 'posts/020-b.md': 'Another' };

const skipForGood = (world: World, { context: { store, clock } }: Served, id: string) => {
  const context = { store, clock, settings: world.config, by: 'cli', version: 'test' };
  const skip = commands.find(({ name }) => name === 'skip');
  return skip?.run(context, { args: [id], options: { 'for-good': true } });
};

test('who skips an evergreen run for good is told that its series ends', async () => {
  await using world = await openWorld({ yaml: rareCadence, files });
  await using served = await world.serve();
  await untilState(world, 'a@bsky', 'planned');
  expect((await skipForGood(world, served, 'a@bsky'))?.text).toBe(
    'a@bsky will not be published. That ends the evergreen series there: no run follows this run. ' +
      'Without `--for-good` a run only goes to the end of the queue. `undo` takes it back.',
  );
  expect((await skipForGood(world, served, 'b@bsky'))?.text).toBe(
    'b@bsky will not be published. `undo` takes it back.',
  );
  expect(await stateOf(world, 'a@masto')).toBe('planned');
});

test('unmute says so where nothing is muted, and leaves nothing to undo', async () => {
  await using world = await openWorld({ yaml: rareCadence, files });
  await using served = await world.serve();
  const say = async (line: string) => (await sayAs(world, served, 'cli', line)).text;
  expect(await say('unmute')).toBe('Notices are not muted: nothing changed.');
  await say('mute');
  expect(await say('unmute')).toBe('Notices are no longer muted.');
  expect(await served.context.store.listJournal({ types: ['unmuted'] })).toHaveLength(1);
});

test('move asks for the year of a date that has none', async () => {
  await using world = await openWorld({ yaml: rareCadence, files });
  await using _served = await world.serve();
  await expect(world.say('move b 3 nov')).rejects.toThrow(
    /^"3 nov" has no year. The next one is 2027-11-03: write it so. Use tomorrow 8:30/,
  );
});

test('the calendar counts as coming what is not out yet', async () => {
  await using world = await openWorld({ yaml: rareCadence, files });
  await using served = await world.serve();
  const { store, clock } = served.context;
  const context = { store, clock, settings: world.config, by: 'cli', version: 'test' } as const;
  const countAhead = async () => {
    const { days } = await readCalendar(context, undefined);
    const sum = (of: 'count' | 'ahead') => days.reduce((all, one) => all + one[of], 0);
    return { shown: sum('count'), ahead: sum('ahead') };
  };
  await until('all are scheduled', async () => (await countAhead()).ahead === 6);
  await world.say('resume');
  await world.say('now b');
  await until('three are ahead', async () => (await countAhead()).ahead === 3);
  expect((await countAhead()).shown).toBe(6);
});
