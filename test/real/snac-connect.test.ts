import { afterAll, expect } from 'vitest';
import { openConnector } from '../../src/networks/open-connectors.ts';
import { consentOf, optionsWith } from '../networks/consenting.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { howToGetSnac, openSnac } from '../peers/snac.ts';

const { peer: snac, test } = peerOrSkip(await openSnac(), howToGetSnac);
afterAll(() => snac?.[Symbol.asyncDispose]());

const signal = AbortSignal.timeout(240_000);

/** Signs in on the server's own page. */
async function signIn(url: string): Promise<Response> {
  const page = await (await fetch(url, { headers: { connection: 'close' } })).text();
  const field = (name: string) => new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(page)?.[1];
  const body = new URLSearchParams({
    login: 'alice',
    passwd: snac?.password ?? '',
    redir: field('redir') ?? '',
    cid: field('cid') ?? '',
    state: field('state') ?? '',
  });
  const headers = { connection: 'close' };
  const target = `${snac?.url}/oauth/x-snac-login`;
  return fetch(target, { method: 'POST', body, headers, redirect: 'manual' });
}

for (const callback of ['http://127.0.0.1:4330/accounts/connect/callback', undefined])
  test(`a server of another make is connected to ${callback ? 'by the browser' : 'by a code'}`, async () => {
    const url = snac?.url ?? '';
    const connector = await openConnector('mastodon', optionsWith());
    const consent = consentOf(
      await connector.begin('consent', { url }, { signal, state: 'st4te', callback }),
    );
    const answer = await signIn(consent.url);
    let code = '';
    if (callback) {
      const location = new URL(answer.headers.get('location') ?? '');
      expect(location.origin + location.pathname).toBe(callback);
      expect(location.searchParams.get('state')).toBe('st4te');
      code = location.searchParams.get('code') ?? '';
    } else {
      const page = answer.headers.get('location');
      const text = page ? await (await fetch(new URL(page, url))).text() : await answer.text();
      code = /([0-9a-f]{16,}[^\s<]*)/.exec(text)?.[1] ?? text;
      expect(code).toContain('state=');
    }
    const grant = await consent.finish(code, signal);
    const me = await fetch(`${url}/api/v1/accounts/verify_credentials`, {
      headers: { authorization: `Bearer ${grant.secrets['token']}`, connection: 'close' },
    });
    expect(await me.json()).toMatchObject({ username: 'alice' });
  });
