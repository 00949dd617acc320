import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../src/commands/all-commands.ts';
import { loadCommands } from '../../src/commands/load-commands.ts';
import { openCliWorld, run, serve } from './kit.ts';

const probe = join(import.meta.dirname, 'children', 'loaded-modules.ts');

const isForAgents = /^src\/agents\/|\/@modelcontextprotocol\//;

async function modulesOf(line: string): Promise<string[]> {
  await using world = await openCliWorld({ files: { 'posts/a.md': 'Hello.' } });
  await using _served = await serve(world.folder);
  const ran = await run(world.folder, line, { nodeArgs: ['--import', probe] });
  expect([ran.code, ran.stdout.length > 0]).toEqual([0, true]);
  return JSON.parse(/^loaded: (.*)$/m.exec(ran.stderr)?.[1] ?? '') as string[];
}

const heavy = /^node:(?:https?|tls|zlib|http2|internal\/deps\/undici\/.*)$/;
const scheduling = /^src\/(?:flow\/(?:plan|ingest)|core\/pacing\/slots)\//;

test('help needs the words of the verbs, and neither configuration nor store', async () => {
  const loaded = await modulesOf('--help');
  expect(loaded).toContain('src/cli/program.ts');
  expect(
    loaded.filter((one) => /\/(?:zod|yaml)\/|^src\/(?:config\/(?!config\.ts)|store)/.test(one)),
  ).toEqual([]);
  expect(loaded.filter((one) => heavy.test(one))).toEqual([]);
});

test('a verb loads what it does, and nothing for networks or for another verb', async () => {
  const loaded = await modulesOf('queue');
  expect(loaded).toContain('src/commands/reading/queue.ts');
  expect(loaded.filter((one) => heavy.test(one) || scheduling.test(one))).toEqual([]);
  expect(loaded.filter((one) => /^src\/commands\/(?:verbs|stats)\//.test(one))).toEqual([]);
  expect(loaded.filter((one) => one.includes('/zod/')).length).toBeGreaterThan(10);
  const languages = loaded.filter((one) => one.includes('/locales/'));
  expect(languages.map((one) => one.replace(/^.*\//, ''))).toEqual(['en.js']);
});

test('status loads nothing for networks', async () => {
  const loaded = await modulesOf('status');
  expect(loaded).toContain('src/commands/views/status-read.ts');
  expect(loaded.filter((one) => heavy.test(one))).toEqual([]);
});

test('no verb loads what serves agents', async () => {
  for (const line of ['--help', 'status', 'queue'])
    expect((await modulesOf(line)).filter((one) => isForAgents.test(one))).toEqual([]);
});

test('a service with a token for agents loads nothing of theirs before one asks', async () => {
  const yaml = 'agents: { token: a-token-of-an-agent-for-tests }';
  await using world = await openCliWorld({ yaml });
  await using served = await serve(world.folder, [], { nodeArgs: ['--import', probe] });
  served.child.kill('SIGTERM');
  const { stderr } = await served.ended;
  const loaded = JSON.parse(/^loaded: (.*)$/m.exec(stderr)?.[1] ?? '') as string[];
  expect(loaded).toContain('src/web/agent-door.ts');
  expect(loaded.filter((one) => isForAgents.test(one))).toEqual([]);
});

test('each verb is loaded by its name alone, and all of them by any other name', async () => {
  for (const command of commands) expect(await loadCommands(command.name)).toEqual([command]);
  for (const name of [undefined, '', '--help', 'help', 'qeue', 'constructor'])
    expect(await loadCommands(name)).toEqual(commands);
});
