import { expect, test } from 'vitest';
import { openConnector } from '../../src/networks/open-connectors.ts';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { openTestSandbox } from '../sandbox/clients.ts';
import { codeIn, consentOf, grantOf, optionsWith, press } from './consenting.ts';

const signal = AbortSignal.timeout(120_000);
const options = { signal, state: 's', callback: 'http://127.0.0.1:4330/cb' };
const [owner] = defaultPeople;
const { appKey, appSecret } = owner;
const second = { ...owner, handle: 'second', accessToken: 'second-t', accessSecret: 'second-s' };

test('a PIN gives another account its tokens under the same app, which it does not own', async () => {
  await using sandbox = await openTestSandbox({ people: [...defaultPeople, second] });
  const { x: baseUrl } = sandbox.baseUrls;
  const connector = await openConnector('x', optionsWith());
  const consent = consentOf(await connector.begin('pin', { appKey, appSecret, baseUrl }, options));
  expect([consent.answer, consent.codeName]).toEqual(['code', 'PIN']);
  expect(consent.url).toMatch(new RegExp(`^${baseUrl}/oauth/authorize\\?oauth_token=.{20}`));
  const pin = codeIn(await (await press(consent.url, 'allow', 'second')).text());
  expect(pin).toMatch(/^\d{7}$/);
  await expect(consent.finish('', signal)).rejects.toThrow(/No PIN was given/);
  await expect(consent.finish('1', signal)).rejects.toThrow(/does not take this PIN/);
  expect(await consent.finish(` ${pin.slice(0, 3)} ${pin.slice(3)}`, signal)).toMatchObject({
    entry: { baseUrl, ownReads: false },
    secrets: { appKey, appSecret, accessToken: 'second-t', accessSecret: 'second-s' },
  });
  await expect(consent.finish(pin, signal)).rejects.toThrow(/too old/);
});

test("the owner's own four values are taken as they are, and what is missing is named", async () => {
  const connector = await openConnector('x', optionsWith());
  const { accessToken, accessSecret } = owner;
  const values = { appKey: ` ${appKey} `, appSecret, accessToken, accessSecret };
  const grant = grantOf(await connector.begin('tokens', values, options));
  expect(grant).toMatchObject({
    entry: {},
    secrets: { appKey, appSecret, accessToken, accessSecret },
  });
  expect(Object.keys(grant.entry)).toEqual([]);
  await expect(connector.begin('tokens', { ...values, accessSecret: '' }, options)).rejects.toThrow(
    'X: "Access token secret" is empty: fill it in',
  );
});

test('keys that X does not know, an address at home and one that hangs are refused with what to do', async () => {
  await using sandbox = await openTestSandbox();
  const { x: baseUrl } = sandbox.baseUrls;
  const connector = await openConnector('x', optionsWith());
  await expect(
    connector.begin('pin', { appKey, appSecret: 'wrong', baseUrl }, options),
  ).rejects.toThrow(/X does not know these two keys: copy the API key/);
  const strict = await openConnector('x', optionsWith({ leaveFor: () => ({}) }));
  for (const way of ['pin', 'tokens'])
    for (const address of ['https://192.168.1.1', 'https://127.0.0.1:1'])
      await expect(
        strict.begin(way, { ...owner, baseUrl: address } as never, options),
      ).rejects.toThrow(/private network/);
  sandbox.misbehave({ network: 'x', how: 'hang', route: 'POST /oauth/request_token' } as never);
  const hasty = await openConnector('x', optionsWith({ timeoutFor: 400 }));
  await expect(hasty.begin('pin', { appKey, appSecret, baseUrl }, options)).rejects.toThrow(
    /: try again later/,
  );
});

test('Bluesky takes an app password, and says what is wrong with a handle, and of the main password', async () => {
  const connector = await openConnector('bluesky', optionsWith());
  const password = 'abcd-efgh-ijkl-mnop';
  expect(
    grantOf(await connector.begin('password', { handle: '@me.example.com', password }, options)),
  ).toMatchObject({ entry: { handle: 'me.example.com' }, secrets: { password }, notes: [] });
  const own = { handle: 'me.example.com', password: 'hunter2hunter2' };
  expect(grantOf(await connector.begin('password', own, options)).notes[0]).toMatch(
    /does not look like an app password/,
  );
  await expect(connector.begin('password', { handle: 'nodot', password }, options)).rejects.toThrow(
    /"nodot" is not a handle\. A handle has a dot/,
  );
  await expect(
    connector.begin('password', { ...own, baseUrl: 'https://10.0.0.9' }, options),
  ).rejects.toThrow(/private network/);
});
