import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultPeople, type Sandbox } from '../../src/sandbox/open-sandbox.ts';
import { openFaultProxy } from '../peers/fault-proxy.ts';
import { openTestSandbox } from '../sandbox/clients.ts';
import { openTestPublisher, signal, wallClock } from './kit.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openTestSandbox({ clock: wallClock });
});
afterAll(() => sandbox.close());

const json = { 'content-type': 'application/json' };

test('a Mastodon token says which scopes it lacks, where its server tells them', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
  const account = { ...defaultPeople[2], name: 'masto', baseUrl: proxy.url };
  const publisher = await openTestPublisher(account);
  const lacks = async (scopes: string[] | undefined) => {
    const body = JSON.stringify({ name: 'app', scopes });
    proxy.fail(/GET \/api\/v1\/apps\/verify_credentials/, { status: 200, headers: json, body });
    return (await publisher.abilities?.(signal))?.lacks;
  };
  expect(await lacks(['read'])).toContain('lacks write:statuses and write:media');
  expect(await lacks(['read', 'write:statuses'])).toContain('lacks write:media');
  for (const scopes of [['read', 'write'], ['write:statuses', 'write:media'], undefined])
    expect(await lacks(scopes)).toBeUndefined();
  expect((await publisher.abilities?.(signal))?.lacks).toBeUndefined();
});

test('an X token that may only read is told', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.x);
  const account = { ...defaultPeople[0], name: 'x', baseUrl: proxy.url, maxLength: 280 };
  const publisher = await openTestPublisher(account);
  expect(await publisher.abilities?.(signal)).toEqual({});
  const body = '{"data":{"id":"1","username":"dripline","name":"D"}}';
  const headers = { ...json, 'x-access-level': 'read' };
  proxy.fail(/GET \/2\/users\/me/, { status: 200, headers, body });
  expect((await publisher.abilities?.(signal))?.lacks).toContain('may only read');
});
