import { expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markOf } from '../../src/config/config-mark.ts';
import { readStatus } from '../../src/commands/views/status-read.ts';
import { tellStatus } from '../../src/commands/views/status-text.ts';
import { openTestCommands, openWorld, until } from '../flow/world.ts';

test('a configuration that was edited while the service runs is told by status, until it is restarted', async () => {
  await using world = await openWorld();
  const file = join(world.folder, 'config/dripline.yaml');
  const before = readFileSync(file, 'utf8');
  const told = async () => {
    await using commands = await openTestCommands(world);
    return tellStatus(await readStatus(commands), 'UTC', world.clock.now());
  };
  const changed = /configuration has changed since the start\. Restart Dripline/;
  {
    await using _served = await world.serve();
    await until('it is heard', async () => /running/.test(await told()));
    await until('its beat is there', async () => /Dashboard/.test(await told()));
    expect(await told()).not.toMatch(changed);
    world.write({ 'config/dripline.yaml': `${before}queues: { tips: { perDay: 1 } }\n` });
    expect(await told()).toMatch(changed);
    world.write({ 'config/dripline.yaml': before });
    expect(await told()).not.toMatch(changed);
    world.write({ 'config/dripline.yaml': `${before}# a remark\n` });
  }
  await using _again = await world.serve();
  await until('its beat is there', async () => /Dashboard/.test(await told()));
  expect(await told()).not.toMatch(changed);
  expect(markOf(undefined)).toBeUndefined();
});
