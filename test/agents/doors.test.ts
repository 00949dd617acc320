import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { agentDoorOf } from '../../src/app/open-agents.ts';
import { openDoorWorld } from '../web/door-kit.ts';
import { connect, openAgentWorld, token } from './kit.ts';

const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
const asJson = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};
const bearer = { authorization: `Bearer ${token}` };

function ask(url: string, headers: Record<string, string>) {
  const { origin } = new URL(url);
  return new Promise<{ status: number; body: string; auth: string | undefined }>(
    (resolve, reject) => {
      request(
        new URL('/mcp', origin),
        { method: 'POST', agent: false, headers: { ...asJson, ...headers } },
        (response) => {
          let body = '';
          response
            .setEncoding('utf8')
            .on('data', (chunk: string) => {
              body += chunk;
            })
            .on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                body,
                auth: response.headers['www-authenticate'],
              }),
            );
        },
      )
        .on('error', reject)
        .end(list);
    },
  );
}

describe('/mcp', () => {
  test('answers whoever has the token, and nobody else', async () => {
    await using opened = await openAgentWorld();
    const cases: [Record<string, string>, number][] = [
      [bearer, 200],
      [{}, 401],
      [{ authorization: 'Bearer wrong' }, 401],
      [{ authorization: `Bearer ${token}x` }, 401],
      [{ authorization: `Basic ${token}` }, 401],
    ];
    for (const [headers, status] of cases) {
      const answer = await ask(opened.url, headers);
      expect([headers, answer.status]).toEqual([headers, status]);
      if (status === 401)
        expect([answer.auth, answer.body.includes('tool')]).toEqual(['Bearer', false]);
    }
    await expect(connect('new', opened.url, {})).rejects.toThrow();
    await expect(connect('old', opened.url, {})).rejects.toThrow();
  });

  test('refuses other sites, whatever they point here, with the token too', async () => {
    await using opened = await openAgentWorld();
    const { port } = new URL(opened.url);
    const cases: [Record<string, string>, boolean][] = [
      [{ origin: 'http://evil.test' }, false],
      [{ origin: 'null' }, false],
      [{ host: 'evil.test' }, false],
      [{ host: `evil.test:${port}`, origin: `http://evil.test:${port}` }, false],
      [{ 'sec-fetch-site': 'cross-site' }, false],
      [{ host: `localhost:${port}` }, true],
      [{ host: `localhost:${port}`, origin: `http://localhost:${port}` }, true],
    ];
    for (const [headers, isIn] of cases) {
      const { status, body } = await ask(opened.url, { ...bearer, ...headers });
      expect([headers, status === 200, body.includes('draft_create')]).toEqual([
        headers,
        isIn,
        isIn,
      ]);
    }
  });

  test('is off without a token in the configuration', async () => {
    await using opened = await openAgentWorld({ yaml: '' });
    const { status, body } = await ask(opened.url, bearer);
    expect([status, body]).toEqual([404, expect.stringContaining('agents.token')]);
  });

  test('with a password too, the token opens nothing else, and a login does not open it', async () => {
    await using opened = await openDoorWorld();
    const { world, context } = opened;
    const config = { ...world.config, agents: { token, name: 'tester', hosts: ['drip.test'] } };
    const agents = agentDoorOf(config, context, () => undefined);
    await using web = await opened.open({ password: 'a password', agents, metricsToken: 'other' });
    expect((await web.browser.get('/', bearer)).status).toBe(303);
    expect((await web.browser.get('/metrics', bearer)).status).toBe(401);
    expect((await web.browser.post('/do/resume', {}, bearer)).status).toBe(401);
    const url = `${web.url}/mcp`;
    expect((await ask(url, bearer)).status).toBe(200);
    expect((await ask(url, { ...bearer, host: 'drip.test' })).status).toBe(200);
    expect((await ask(url, { ...bearer, host: 'other.test' })).status).toBe(403);
    await web.browser.logIn('a password');
    const cookie = [...web.browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    expect((await web.browser.get('/')).status).toBe(200);
    expect((await ask(url, { cookie })).status).toBe(401);
  });
});
