import { expect, test } from 'vitest';
import { openWorld, until } from './world.ts';

test('a date that a later skip went over stays overruled when the text is edited, and counts again when it is changed', async () => {
  const file = (date: string, text: string) => ({
    'posts/a.md': `---\ndate: ${date}\nnetworks: bsky\n---\n${text}`,
  });
  await using world = await openWorld({
    yaml: 'cadence: { perDay: 2, minGap: 1h }',
    files: { ...file('2126-12-01 09:30', 'A'), 'posts/b.md': 'B' },
  });
  await using served = await world.serve();
  const why = async () => (await world.say('show a')).deliveries[0].why as string | undefined;
  await until('its pin', async () => (await why())?.includes('by its date'));
  await world.say('skip a');
  await until('a slot of the cadence', async () => (await why())?.startsWith('slot'));
  const { hash } = (await served.context.store.findPost('a')) ?? {};
  world.write(file('2126-12-01 09:30', 'A, better'));
  await until('the edit', async () => (await served.context.store.findPost('a'))?.hash !== hash);
  await until(
    'it was planned with it',
    async () => (await served.context.store.findDelivery('a@bsky'))?.terms.hash !== hash,
  );
  expect(await why()).toMatch(/^slot/);
  world.write(file('2126-12-02 10:00', 'A, better'));
  await until('the new date', async () => (await why())?.includes('by its date'));
  await world.say('move a tomorrow 8:30');
  await until('the later word', async () => (await why())?.includes('by a command'));
});
