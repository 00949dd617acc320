import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEnvironment } from '../../src/config/environment.ts';
import { openCliWorld, run } from './kit.ts';

async function openFreshWorld() {
  const world = await openCliWorld({ files: { '.gitkeep': '' } });
  rmSync(join(world.folder, 'config'), { recursive: true });
  mkdirSync(join(world.folder, 'secrets'));
  return world;
}

test('with a folder `secrets` and no .env, init makes one file for each value, for the owner alone', async () => {
  await using world = await openFreshWorld();
  const { code, stdout } = await run(world.folder, 'init --network bluesky --timezone UTC');
  expect([code, stdout]).toEqual([
    0,
    expect.stringContaining('Still empty in secrets/: BLUESKY_HANDLE, BLUESKY_APP_PASSWORD'),
  ]);
  const file = join(world.folder, 'secrets/bluesky_app_password');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(existsSync(join(world.folder, '.env'))).toBe(false);
  world.write({ 'secrets/bluesky_app_password': 'abcd-efgh\n' });
  await run(world.folder, 'init --network bluesky --timezone UTC --force');
  expect(readFileSync(file, 'utf8')).toBe('abcd-efgh\n');
});

test('a value stands in the environment, in .env, or in a file of the folder `secrets`', async () => {
  await using world = await openFreshWorld();
  world.write({
    'secrets/mastodon_token': 'from-a-file\r\n',
    'secrets/empty': '\n',
    'secrets/bluesky_app_password': 'kept-behind',
  });
  const read = openEnvironment(world.folder, { BLUESKY_APP_PASSWORD: 'said' });
  expect(read.read('MASTODON_TOKEN')).toEqual({
    value: 'from-a-file',
    from: 'the file secrets/mastodon_token',
  });
  expect(read.read('EMPTY')).toBeUndefined();
  expect(read.read('BLUESKY_APP_PASSWORD')?.value).toBe('said');
  expect(read.read('NEVER_WRITTEN')).toBeUndefined();
});
