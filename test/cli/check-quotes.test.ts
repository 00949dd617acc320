import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFakeHttp, readBody } from '../chat/fake-http.ts';
import { openCliWorld, run } from './kit.ts';

/** The sandbox's Mastodon as an older server, which knows no quotes. */
const openOld = (upstream: string) =>
  openFakeHttp(async (request, response) => {
    const { host: _host, connection: _connection, ...headers } = request.headers;
    const body = await readBody(request);
    const answer = await fetch(new URL(request.url ?? '/', upstream), {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(body === '' ? {} : { body }),
    });
    const text = await answer.text();
    response
      .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      .end(text.replace(/"api_versions":\{[^}]*\}/, '"api_versions":{"mastodon":2}'));
  });

const quoting =
  '---\nfollowUps: [{ when: likes >= 1, within: 2d, as: quote, text: Look }]\n---\nHello';

test('check notes a quote that the server of an account does not take, before the day comes', async () => {
  await using world = await openCliWorld({
    files: {
      'posts/1-a.md': quoting,
      'posts/2-b.md': '---\nnetworks: [x]\n---\nNo quote',
    },
  });
  const notes = async () =>
    (await run(world.folder, 'check')).stdout.split('\n').filter((line) => /quotes/.test(line));
  expect(await notes()).toEqual([]);
  const upstream = world.sandbox.baseUrls.mastodon;
  await using old = await openOld(upstream);
  const file = 'config/dripline.yaml';
  const yaml = readFileSync(join(world.folder, file), 'utf8');
  world.write({ [file]: yaml.replaceAll(upstream, old.url) });
  expect(await notes()).toEqual([
    expect.stringMatching(/^note: posts\/1-a\.md.*the server of masto takes no quotes/),
  ]);
});
