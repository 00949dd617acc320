import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ended, openCliWorld, run, serve, start } from '../cli/kit.ts';
import { openBrowser } from './door-kit.ts';

test('serve prints a password that it made, once, and whoever knows it gets in after a restart too', async () => {
  await using world = await openCliWorld();
  const file = join(world.folder, 'config/dripline.yaml');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('web: { port: 0 }', 'web: { host: 0.0.0.0, port: 0 }'),
  );
  let password = '';
  {
    await using first = await serve(world.folder);
    const output = () => first.output();
    await expect.poll(output).toMatch(/Dashboard password, shown only once: \S+/);
    password = /shown only once: (\S+)/.exec(output())?.[1] ?? '';
    first.child.kill('SIGTERM');
    await first.ended;
  }
  await using second = await serve(world.folder);
  await expect.poll(() => second.output()).toMatch(/First start/);
  expect(second.output()).not.toContain('password');
  const { port } = new URL(/Dashboard: (\S+)/.exec(second.output())?.[1] ?? '');
  const browser = openBrowser(`http://127.0.0.1:${port}`);
  expect((await browser.get('/')).status).toBe(303);
  expect((await browser.logIn(password)).status).toBe(303);
  expect((await browser.get('/')).status).toBe(200);
});

test('settings of the door that cannot be meant are refused with their place, and secrets of it are shown nowhere', async () => {
  await using world = await openCliWorld();
  const file = join(world.folder, 'config/dripline.yaml');
  const before = readFileSync(file, 'utf8');
  const write = (web: string) =>
    writeFileSync(file, before.replace('web: { port: 0 }', `web: ${web}`));
  write('{ port: 0, trustedProxy: [127.0.0.1, 10.0.0.0/99], password: "" }');
  const wrong = await ended(start(world.folder, ['config']));
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringMatching(
      /dripline\.yaml:\d+:\d+ web\.trustedProxy\.1: not an IP address or a network: write it as 127\.0\.0\.1/,
    ),
  ]);
  expect(wrong.stderr).toMatch(/web\.password: is empty/);
  write('{ port: 0, trustedProxy: fd00::/8, password: secret word, metricsToken: other secret }');
  const right = await run(world.folder, 'config');
  expect([right.code, right.stdout]).toEqual([0, expect.stringContaining('web.trustedProxy')]);
  expect(right.stdout).not.toMatch(/secret word|other secret/);
});
