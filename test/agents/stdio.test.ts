import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { ended, openCliWorld, run, serve } from '../cli/kit.ts';
import { clients, spawnAgent } from './kit.ts';

test.each(clients)('an agent of the kind %s works beside the service', async (kind) => {
  await using world = await openCliWorld({ files: { 'posts/a.md': 'Hello.' } });
  await using _served = await serve(world.folder);
  await using agent = await spawnAgent(kind, world.folder, ['--name', 'claude']);
  expect((await agent.call('queue')).json.total).toBe(3);
  const made = await agent.call('draft_create', { key: '1', body: 'A draft.' });
  expect(made.json).toMatchObject({ isNew: true, problems: [] });
  expect(readdirSync(join(world.folder, 'posts/drafts'))).toHaveLength(1);
  await agent.call('pause', { account: 'x' });
  const told = JSON.parse((await run(world.folder, 'journal --json')).stdout);
  const own = told.filter(({ by }: { by: string }) => by === 'agent:claude');
  expect(own.map(({ type }: { type: string }) => type)).toEqual(['drafted', 'paused']);
});

test('standard output has JSON-RPC alone, whatever is asked, and ends with the input', async () => {
  await using world = await openCliWorld({ files: { 'posts/a.md': 'Hello.' } });
  await using _served = await serve(world.folder);
  const program = join(import.meta.dirname, '../../bin/dripline.js');
  const child = spawn(process.execPath, [program, 'mcp'], {
    cwd: world.folder,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said = ended(child);
  const clientInfo = { name: 'test', version: '1' };
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
  const lines = [
    'this is no JSON',
    { jsonrpc: '2.0', id: 1, method: 'initialize', params },
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'nope', arguments: {} } },
    { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'status', arguments: {} } },
  ];
  let heard = '';
  child.stdout.on('data', (chunk) => {
    heard += String(chunk);
    if (heard.includes('"id":3')) child.stdin.end();
  });
  for (const line of lines)
    child.stdin.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  const { code, stdout } = await said;
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { jsonrpc: string });
  expect(answers.every(({ jsonrpc }) => jsonrpc === '2.0')).toBe(true);
  expect([code, answers.length >= 3]).toEqual([0, true]);
});

test('without a service that ever ran, it says so on standard error', async () => {
  await using world = await openCliWorld();
  const { code, stdout, stderr } = await run(world.folder, 'mcp');
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/start Dripline once/);
  const named = await run(world.folder, 'mcp --name A/B');
  expect([named.code, named.stdout]).toEqual([2, '']);
});
