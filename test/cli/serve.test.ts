import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCommands } from '../../src/app/open-commands.ts';
import { changeAccount } from '../../src/flow/facts.ts';
import { until } from '../flow/world.ts';
import { ended, openCliWorld, pidOf, run, serve, start } from './kit.ts';

const files = { 'posts/010-hello.md': 'Hello.', 'posts/020-next.md': 'Next.' };

test('a killed service is known at once: status says so, and `now` does not wait for it', async () => {
  await using world = await openCliWorld({ files });
  const status = async () => JSON.parse((await run(world.folder, 'status --json')).stdout);
  await using served = await serve(world.folder, ['--yes']);
  expect(await status()).toMatchObject({
    running: true,
    paused: null,
    services: [
      { pid: pidOf(world.folder), web: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) },
    ],
  });
  const out = JSON.parse((await run(world.folder, 'now hello --json')).stdout);
  expect(out.map(({ state }: { state: string }) => state)).toEqual([
    'released',
    'released',
    'released',
  ]);
  expect(new Set(out.map(({ url }: { url: string }) => url))).toEqual(
    new Set(world.sandbox.accepted().map(({ url }) => url)),
  );
  served.child.kill('SIGKILL');
  await served.ended;
  expect(await status()).toMatchObject({ running: false, services: [] });
  const said = await run(world.folder, 'now next --yes');
  expect([said.code, said.stdout]).toEqual([0, expect.stringContaining('No service is running')]);
  await using _again = await serve(world.folder);
  await until('the wish is done by the next service', () => world.sandbox.accepted().length === 6);
});

test('a release that ends badly is told with exit code 1, and the outcome stands on standard output', async () => {
  await using world = await openCliWorld({
    files: { 'posts/long.md': `---\nnetworks: [x]\n---\n${'x'.repeat(290)}` },
  });
  await using _served = await serve(world.folder, ['--yes']);
  const { code, stdout, stderr } = await run(world.folder, 'now long --yes');
  expect([code, stderr]).toEqual([1, '']);
  expect(stdout).toMatch(/long@x: failed \(.*290 characters/);
  expect(JSON.parse((await run(world.folder, 'status --json')).stdout).failures).toMatchObject([
    { delivery: 'long@x', state: 'failed' },
  ]);
});

test('a signal, also twice, ends it within five seconds, in order and without a stack trace', async () => {
  await using world = await openCliWorld({ files });
  for (const signals of [['SIGINT'], ['SIGINT', 'SIGINT'], ['SIGTERM'], ['SIGHUP']] as const) {
    await using served = await serve(world.folder);
    const since = performance.now();
    for (const signal of signals) served.child.kill(signal);
    const { code, stderr, stdout } = await served.ended;
    expect([signals, code, stderr, performance.now() - since < 5000]).toEqual([
      signals,
      0,
      '',
      true,
    ]);
    expect(stdout).toContain('Stopping');
    expect(existsSync(join(world.folder, 'data/serve.json'))).toBe(false);
  }
});

test('a signal while a network keeps the start waiting ends it within five seconds too', async () => {
  await using world = await openCliWorld({ files });
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const config = readFileSync(join(world.folder, 'config/dripline.yaml'), 'utf8');
  world.write({
    'config/dripline.yaml': config.replaceAll(
      world.sandbox.baseUrls.x,
      `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    ),
  });
  const child = start(world.folder, ['serve', '--log', 'plain']);
  const end = ended(child);
  await until('it has begun', () => existsSync(join(world.folder, 'data/serve.json')));
  const since = performance.now();
  child.kill('SIGINT');
  const { code, stderr } = await end;
  expect([code, stderr, performance.now() - since < 5000]).toEqual([0, '', true]);
  silent.close();
});

test('a port that is taken, and a store that is served already, are refused before anything runs', async () => {
  await using world = await openCliWorld({ files });
  const config = readFileSync(join(world.folder, 'config/dripline.yaml'), 'utf8');
  const taken = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  world.write({
    'config/dripline.yaml': config.replace('web: { port: 0 }', `web: { port: ${port} }`),
  });
  const refused = await run(world.folder, 'serve --yes');
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining(`port ${port} is taken`),
  ]);
  expect(refused.stderr).not.toMatch(/\n\s+at /);
  world.write({
    'config/dripline.yaml': config.replace('web: { port: 0 }', 'web: { host: 203.0.113.7 }'),
  });
  expect((await run(world.folder, 'serve')).stderr).toContain(
    'web.host: 203.0.113.7 is not an address of this machine',
  );
  world.write({ 'config/dripline.yaml': config });
  expect(world.sandbox.requests()).toEqual([]);
  taken.close();
  await using _served = await serve(world.folder);
  const second = await run(world.folder, 'serve');
  expect([second.code, second.stderr]).toEqual([
    1,
    expect.stringContaining(`process ${pidOf(world.folder)} on`),
  ]);
});

test('the first start explains itself and waits; `serve --yes` starts posting at once', async () => {
  await using world = await openCliWorld({ files });
  {
    await using served = await serve(world.folder);
    await until('it explains', () => /dripline.js resume/.test(served.output()));
    expect(served.output()).toMatch(
      /First start with these accounts\. Nothing is published yet\. The first posts would be:\n {2}\w{3} \d+ \w{3} \d\d:\d\d {2}hello@/,
    );
  }
  await using served = await serve(world.folder, ['--yes']);
  await until('it runs', () => served.output().includes('Dashboard'));
  expect(served.output()).not.toContain('First start');
  const status = JSON.parse((await run(world.folder, 'status --json')).stdout);
  expect(status.paused).toBe(null);
  const resumed = JSON.parse((await run(world.folder, 'journal --json')).stdout).filter(
    ({ type }: { type: string }) => type === 'resumed',
  );
  expect(resumed).toMatchObject([{ by: 'cli', text: expect.stringContaining('serve --yes') }]);
});

test('another identity behind the same name holds the account until it is confirmed', async () => {
  await using world = await openCliWorld({ files });
  {
    await using _served = await serve(world.folder, ['--yes']);
    expect((await run(world.folder, 'accounts --confirm masto')).stderr).toContain(
      'masto has nothing to confirm',
    );
  }
  {
    await using context = await openCommands(world.config, 'cli');
    await changeAccount(context.store, 'masto', (fact) => ({
      ...fact,
      identity: { id: '4711', handle: 'somebody@else.test', url: 'https://else.test/@somebody' },
    }));
  }
  await using _served = await serve(world.folder);
  const status = async () =>
    JSON.parse((await run(world.folder, 'status --json')).stdout).accounts.find(
      ({ name }: { name: string }) => name === 'masto',
    );
  expect((await status()).heldBecause).toMatch(/somebody@else\.test.*say `confirm masto`/);
  expect((await run(world.folder, 'now hello@masto --yes')).stderr).toContain(
    'is on an account that is held',
  );
  const confirmed = await run(world.folder, 'accounts --confirm masto --json');
  expect([confirmed.code, JSON.parse(confirmed.stdout)]).toMatchObject([
    0,
    { account: 'masto', identity: { handle: expect.stringContaining('dripline') } },
  ]);
  expect((await status()).heldBecause).toBeUndefined();
  expect((await run(world.folder, 'now hello@masto --yes')).stdout).toContain(
    'hello@masto: published',
  );
});

test("the sandbox's store and samples never meet a real account", async () => {
  await using world = await openCliWorld({
    files: { ...files, 'posts/samples/try-it.md': 'A sample.' },
  });
  const sandboxStore = join(world.folder, 'data/sandbox/dripline.db');
  mkdirSync(join(world.folder, 'data/sandbox'), { recursive: true });
  writeFileSync(sandboxStore, 'what the sandbox has left');
  await using _served = await serve(world.folder);
  // Files that were written a moment ago are given time to settle.
  const queued = async () =>
    new Set(
      (JSON.parse((await run(world.folder, 'queue --json')).stdout) as { post: string }[]).map(
        ({ post }) => post,
      ),
    );
  expect(
    await until('the posts are in the queue', async () => {
      const ids = await queued();
      return ids.size > 1 && ids;
    }),
  ).toEqual(new Set(['hello', 'next']));
  expect(readFileSync(sandboxStore, 'utf8')).toBe('what the sandbox has left');
  expect(JSON.parse((await run(world.folder, 'check --json')).stdout).posts).toBe(2);
});
