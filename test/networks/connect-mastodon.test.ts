import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openConnector } from '../../src/networks/open-connectors.ts';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { createClock, openTestSandbox } from '../sandbox/clients.ts';
import { codeIn, consentOf, makeApps, optionsWith, press } from './consenting.ts';

const signal = AbortSignal.timeout(120_000);
const callback = 'http://127.0.0.1:4330/accounts/connect/callback';
const asked = 'profile read:statuses read:notifications write:statuses write:media';

const read = (base: string, token: string, path = 'accounts/verify_credentials') =>
  fetch(`${base}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });

test('a consent comes back to our address with its state, and gives a token with the scopes that were asked for', async () => {
  await using sandbox = await openTestSandbox();
  const { mastodon: url } = sandbox.baseUrls;
  const connector = await openConnector('mastodon', optionsWith());
  const consent = consentOf(
    await connector.begin('consent', { url }, { signal, state: 'st4te', callback }),
  );
  expect(consent.answer).toBe('callback');
  const location = new URL((await press(consent.url, 'allow')).headers.get('location') ?? '');
  expect(location.origin + location.pathname).toBe(callback);
  expect(location.searchParams.get('state')).toBe('st4te');
  const code = location.searchParams.get('code') ?? '';
  const grant = await consent.finish(code, signal);
  expect(grant).toMatchObject({ entry: { url }, scopes: asked.split(' '), notes: [] });
  const { token = '' } = grant.secrets;
  expect(token).not.toBe(defaultPeople[2].token);
  expect(await (await read(url, token)).json()).toMatchObject({ username: 'dripline' });
  // Its scopes are all that it may.
  expect((await read(url, token, 'notifications')).status).toBe(200);
  await expect(consent.finish(code, signal)).rejects.toThrow(/was used already, or is too old/);
});

test('without an address of ours the person copies a code, whatever the server prints behind it', async () => {
  await using sandbox = await openTestSandbox();
  const { mastodon: url } = sandbox.baseUrls;
  const connector = await openConnector('mastodon', optionsWith());
  for (const paste of [
    (code: string) => `  ${code}&state=abc\n`,
    (code: string) => `https://m.example/oauth/authorize/native?code=${code}&state=abc`,
  ]) {
    const consent = consentOf(await connector.begin('consent', { url }, { signal, state: 's' }));
    expect(consent.answer).toBe('code');
    const code = codeIn(await (await press(consent.url, 'allow')).text());
    await expect(consent.finish('', signal)).rejects.toThrow(/No code was given/);
    await expect(consent.finish('wrong', signal)).rejects.toThrow(/does not take this code/);
    expect((await consent.finish(paste(code), signal)).secrets['token']).toBeTruthy();
  }
});

test('a code that is too old is refused, and so is one that another page asked for', async () => {
  const clock = createClock();
  await using sandbox = await openTestSandbox({ clock });
  const { mastodon: url } = sandbox.baseUrls;
  const connector = await openConnector('mastodon', optionsWith());
  const begin = async () =>
    consentOf(await connector.begin('consent', { url }, { signal, state: 's' }));
  const [one, other] = [await begin(), await begin()];
  const foreign = codeIn(await (await press(one.url, 'allow')).text());
  // The verifier is another one.
  await expect(other.finish(foreign, signal)).rejects.toThrow(/does not take this code/);
  const third = await begin();
  const old = codeIn(await (await press(third.url, 'allow')).text());
  clock.move(11 * 60_000);
  await expect(third.finish(old, signal)).rejects.toThrow(/too old/);
});

test('whoever refuses comes back with the reason and the state', async () => {
  await using sandbox = await openTestSandbox();
  const { mastodon: url } = sandbox.baseUrls;
  const connector = await openConnector('mastodon', optionsWith());
  const { consent } = (await connector.begin(
    'consent',
    { url },
    { signal, state: 'st4te', callback },
  )) as { consent: { url: string } };
  const location = new URL((await press(consent.url, 'deny')).headers.get('location') ?? '');
  expect(Object.fromEntries(location.searchParams)).toMatchObject({
    error: 'access_denied',
    state: 'st4te',
  });
});

const registrations = (sandbox: { requests(): { route: string; count: number }[] }) =>
  sandbox.requests().find(({ route }) => route === 'POST /api/v1/apps')?.count ?? 0;

test('a server is told of us once a day, and when it takes no more apps the one that it knows goes on', async () => {
  const clock = createClock();
  await using sandbox = await openTestSandbox({ clock, limitScale: 0.2 });
  const { mastodon: url } = sandbox.baseUrls;
  const apps = makeApps();
  const connector = await openConnector('mastodon', optionsWith({ apps, clock }));
  const begin = async (at?: string) =>
    consentOf(await connector.begin('consent', { url }, { signal, state: 's', callback: at }));
  await begin(callback);
  await begin(callback);
  // It was registered with the code beside the address.
  expect((await begin()).answer).toBe('code');
  expect(registrations(sandbox)).toBe(1);
  // Another address, and no registration left: the code will do.
  expect((await begin('https://drip.example.com/cb')).answer).toBe('code');
  expect(registrations(sandbox)).toBe(2);
  const fresh = await openConnector('mastodon', optionsWith({ clock }));
  await expect(fresh.begin('consent', { url }, { signal, state: 's', callback })).rejects.toThrow(
    /takes no more new apps for a while: try again in \d+ minutes?/,
  );
});

test('an app that its server has forgotten is registered anew by the next try', async () => {
  await using sandbox = await openTestSandbox();
  const { mastodon: url } = sandbox.baseUrls;
  const apps = makeApps();
  const gone = { clientId: 'gone', clientSecret: 'gone', redirects: [callback], scopes: asked };
  apps.write(url, { ...gone, at: Date.now() });
  const connector = await openConnector('mastodon', optionsWith({ apps }));
  const begin = async () =>
    consentOf(await connector.begin('consent', { url }, { signal, state: 's', callback }));
  const first = await begin();
  await expect(first.finish('code', signal)).rejects.toThrow(/does not know our app any more/);
  expect(apps.all.size).toBe(0);
  expect((await press((await begin()).url, 'allow')).status).toBe(302);
});

test('what people take for a server is read as one, and the rest is refused with what to enter', async () => {
  await using sandbox = await openTestSandbox();
  const { mastodon: url } = sandbox.baseUrls;
  const { host, port } = new URL(url);
  const connector = await openConnector('mastodon', optionsWith());
  const begin = async (text: string) =>
    consentOf(await connector.begin('consent', { url: text }, { signal, state: 's' })).url;
  for (const text of [`${url}/`, `${url}/@dripline?x=1#y`, ` ${url.toUpperCase()} `])
    expect(await begin(text)).toContain(`${url}/oauth/authorize?`);
  const wrong: [string, RegExp][] = [
    ['', /is empty: fill it in/],
    ['two words', /is not the address of a server: enter a name such as/],
    ['https://', /is not the address of a server/],
    ['ftp://m.example', /not reached by ftp/],
    [`http://me:secret@${host}`, /name or password before its @ is not taken/],
    ['http://m.example', /without encryption: use https:\/\/m\.example/],
    [`${host}x`, /is not the address of a server/],
    ['https://10.0.0.1', /is in a private network.*`dripline init`/],
    ['169.254.169.254', /is in a private network/],
    ['https://[fd00::1]/', /is in a private network/],
    ['me@10.1.2.3', /10\.1\.2\.3 is in a private network/],
    ['nothing-here.invalid', /cannot be reached: check the spelling/],
    [`https://127.0.0.1:${port}`, /cannot be reached/],
  ];
  for (const [text, message] of wrong) await expect(begin(text), text).rejects.toThrow(message);
  const strict = await openConnector('mastodon', optionsWith({ leaveFor: () => ({}) }));
  await expect(
    strict.begin('consent', { url: url.replace('http:', 'https:') }, { signal, state: 's' }),
  ).rejects.toThrow(/private network/);
});

test('a server that is of another kind, has moved, is broken or hangs is told apart', async () => {
  const answers: [number, Record<string, string>, string, RegExp][] = [
    [404, {}, '<html>Not found</html>', /does not speak Mastodon's API: enter the server where/],
    [200, {}, '{"error":"no"}', /does not take Dripline as an app: no/],
    [200, {}, '{"client_id":5}', /does not speak Mastodon's API/],
    [200, {}, 'x'.repeat(300_000), /gave an answer of another kind/],
    [301, { location: 'https://new.example/api' }, '', /sends us on to new\.example/],
    [502, {}, '<html>', /has a problem of its own \(502\): try again later/],
    [422, {}, '{"error":"Validation <b>failed</b>"}', /app: Validation failed \(422\)/],
    [429, { 'retry-after': '120' }, '', /takes no more new apps for a while: try again in 2 min/],
  ];
  let nth = 0;
  const server = createServer((request, response) => {
    const [status, headers, body] = answers[nth] ?? [200, {}, ''];
    if (request.method === 'GET') response.writeHead(404).end();
    else response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connector = await openConnector('mastodon', optionsWith());
  for (const [, , , message] of answers) {
    await expect(
      connector.begin('consent', { url }, { signal, state: 's' }),
      String(message),
    ).rejects.toThrow(message);
    nth += 1;
  }
  server.removeAllListeners('request').on('request', () => undefined);
  const hasty = await openConnector('mastodon', optionsWith({ timeoutFor: 300 }));
  await expect(hasty.begin('consent', { url }, { signal, state: 's' })).rejects.toThrow(
    /did not answer in time: try again later/,
  );
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

test('the sandbox holds a token to its scopes, and forgets one that is revoked', async () => {
  await using sandbox = await openTestSandbox();
  const { mastodon: url } = sandbox.baseUrls;
  const post = (path: string, fields: Record<string, string>) =>
    fetch(url + path, { method: 'POST', body: new URLSearchParams(fields) });
  const oob = 'urn:ietf:wg:oauth:2.0:oob';
  const app = (await (
    await post('/api/v1/apps', { client_name: 'A', redirect_uris: oob, scopes: 'read:statuses' })
  ).json()) as Record<string, string>;
  const who = { client_id: app['client_id'] ?? '', client_secret: app['client_secret'] ?? '' };
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: who.client_id,
    redirect_uri: oob,
    scope: 'read:statuses',
  });
  const authorize = `${url}/oauth/authorize?${query.toString()}`;
  const code = codeIn(await (await press(authorize, 'allow')).text());
  const form = { grant_type: 'authorization_code', code, redirect_uri: oob };
  expect((await post('/oauth/token', { ...form, ...who, client_secret: 'x' })).status).toBe(401);
  // Half of PKCE.
  expect((await post('/oauth/token', { ...form, ...who, code_verifier: 'x' })).status).toBe(400);
  const again = codeIn(await (await press(authorize, 'allow')).text());
  const answer = await post('/oauth/token', { ...form, ...who, code: again });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  expect((await read(url, token)).status).toBe(403);
  expect((await read(url, token, 'statuses?id[]=1')).status).toBe(200);
  expect((await read(url, `${token}x`)).status).toBe(401);
  expect((await post('/oauth/revoke', { ...who, token })).status).toBe(200);
  expect((await read(url, token, 'statuses?id[]=1')).status).toBe(401);
});
