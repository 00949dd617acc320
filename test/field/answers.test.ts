import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Account } from '../../src/core/network/account.ts';
import { type Network, networkNames } from '../../src/core/network/network.ts';
import { readAskedWait, readInstant } from '../../src/core/network/asked-wait.ts';
import { clean, readUntil } from '../../src/networks/publish-error.ts';
import { defaultPeople, type Sandbox } from '../../src/sandbox/open-sandbox.ts';
import {
  failureOf,
  mayOpen,
  openTestPublisher,
  request,
  signal,
  wallClock,
} from '../networks/kit.ts';
import { openFaultProxy } from '../peers/fault-proxy.ts';
import { openTestSandbox } from '../sandbox/clients.ts';
import { cpuTime, inputs } from './kit.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openTestSandbox({ clock: wallClock });
});
afterAll(() => sandbox.close());

const [onX, onBluesky, onMastodon] = defaultPeople;
const accountOn = (network: Network, baseUrl: string): Account =>
  ({
    x: { ...onX, name: 'x', baseUrl },
    bluesky: { ...onBluesky, name: 'bsky', baseUrl, isPinned: true },
    mastodon: { ...onMastodon, name: 'masto', baseUrl },
  })[network] as Account;

interface Speech {
  write: RegExp;
  type: string;
  /** A refusal as this API words it. */
  refusal: (words: string) => unknown;
}

const speeches: Record<Network, Speech> = {
  x: {
    write: /POST \/2\/tweets/,
    type: 'application/problem+json',
    refusal: (detail) => ({ title: 'Invalid Request', detail }),
  },
  bluesky: {
    write: /POST .*putRecord/,
    type: 'application/json',
    refusal: (message) => ({ error: 'InvalidRequest', message }),
  },
  mastodon: {
    write: /POST \/api\/v1\/statuses/,
    type: 'application/json; charset=utf-8',
    refusal: (error) => ({ error }),
  },
};

/** What is met in front of servers. */
const pages: [type: string, body: string][] = [
  ['text/plain; charset=utf-8', '404 page not found'],
  ['text/html', '<html><title>Just a moment...</title><body>Please login</body></html>'],
  ['text/html; charset=UTF-8', '<center><h1>405 Not Allowed</h1></center><hr>nginx'],
  ['application/json', '{"message":"no Route matched with those values"}'],
  ['application/json', '"no"'],
  ['application/json', '{"error":'],
  ['application/xml', '<Error><Code>AccessDenied</Code></Error>'],
  ['text/html', ''],
  ['text/html', '<'.repeat(100_000)],
  ['text/html', 'duplicate content, credits, account is locked, out of scope'],
];
const statuses = [400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 421, 422, 451, 499];
const chosen = statuses.slice(0, inputs(8, statuses.length));
/** After 421 fetch itself asks again on another connection, as its standard says: nothing was done. */
const askedAgain = (network: string, status: number) => network !== 'x' && status === 421;

for (const network of ['x', 'bluesky', 'mastodon'] as const) {
  const { write, type, refusal } = speeches[network];
  const name = networkNames[network];
  const openFront = async () => {
    const proxy = await openFaultProxy(sandbox.baseUrls[network]);
    const publisher = await openTestPublisher(accountOn(network, proxy.url));
    const payload = await publisher.prepare(request(publisher, `front of ${network}`), signal);
    const answerWith = async (fault: Parameters<typeof proxy.fail>[1]) => {
      proxy.fail(write, fault);
      return failureOf(publisher.publish(payload, { signal, mayOpen }));
    };
    return { proxy, answerWith, [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() };
  };

  test(`${chosen.length} x ${pages.length} pages in front of ${network} refuse no post`, async () => {
    await using front = await openFront();
    for (const status of chosen.filter((one) => !askedAgain(network, one))) {
      for (const [contentType, body] of pages) {
        const headers = { 'content-type': contentType };
        const error = await front.answerWith({ status, headers, body });
        const about = `${status} ${contentType} ${body.slice(0, 40)}`;
        expect([about, error.kind, error.status]).toEqual([about, 'wait', status]);
        expect(error.message).toContain(`Something in front of ${name} answers with a page`);
        expect(error.message).not.toMatch(/Change the post|this one answers|<h|<E/);
        expect(error.message.length).toBeLessThan(500);
      }
    }
  });

  test(`a refusal in ${network}'s own words is one, and keeps them`, async () => {
    await using front = await openFront();
    for (const status of [400, 403, 404, 409, 413, 422]) {
      const words = `the words of ${status}`;
      const body = JSON.stringify(refusal(words));
      const error = await front.answerWith({ status, headers: { 'content-type': type }, body });
      expect([status, error.kind]).toEqual([status, 'refused']);
      expect(error.message).toContain(words);
      expect(error.message).not.toContain('this one answers');
    }
  });

  test(`a redirect by ${network} is not followed, and names the new server`, async () => {
    await using front = await openFront();
    const before = front.proxy.asked.length;
    for (const status of [301, 302, 303, 307, 308]) {
      const headers = { location: 'https://new.example/api/v1/statuses?secret=1' };
      const error = await front.answerWith({ status, headers, body: '' });
      expect([status, error.kind]).toEqual([status, 'wait']);
      expect(error.message).toContain('moved to https://new.example. Change the address');
      expect(error.message).not.toContain('secret');
    }
    const asked = front.proxy.asked.slice(before);
    expect(asked.filter((line) => write.test(line))).toHaveLength(5);
    const local = await front.answerWith({ status: 302, headers: { location: '/in' }, body: '' });
    expect(local.message).toContain('sends us to another address');
  });
}

test('an end that a network names in any unit is the same instant, with a second of grace', () => {
  const now = Date.parse('2026-11-28T01:00:00.250Z');
  const end = Date.parse('2026-11-28T01:20:00.000Z');
  const spellings = [
    String(end / 1000),
    String(end),
    new Date(end).toISOString(),
    new Date(end).toUTCString(),
  ];
  for (const spelling of spellings)
    for (const name of [
      'retry-after',
      'x-rate-limit-reset',
      'x-ratelimit-reset',
      'ratelimit-reset',
    ])
      expect([
        name,
        spelling,
        readUntil({ header: (asked) => (asked === name ? spelling : undefined) }, now),
      ]).toEqual([name, spelling, end + 1000]);
  expect(readInstant('120', now)).toBe(now + 120_000);
  expect(readInstant('120, 120', now)).toBe(now + 120_000);
  expect(readInstant('1.0005', now)).toBe(now + 1001);
  for (const odd of ['', ' ', 'soon', 'NaN', undefined])
    expect(readInstant(odd, now)).toBe(undefined);
  for (const far of ['1e300', '99999999999999999', '-5', '0.3'])
    expect(Number.isSafeInteger(readUntil({ header: () => far }, now))).toBe(true);
});

test('a chat names a wait in any unit, and none of them makes Dripline deaf or ask without a pause', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  const minutes = 60_000;
  for (const in2 of [120, '120', '120.0', now / 1000 + 120, now + 2 * minutes, `${now + 120_000}`])
    expect(readAskedWait(in2, now)).toBeGreaterThanOrEqual(2 * minutes);
  for (const odd of [undefined, '', 'soon', -5, Number.NaN, now - 5000, '0'])
    expect(readAskedWait(odd, now)).toBeLessThanOrEqual(1000);
  for (const far of [1e7, 86_400_000, 1e15, 1e300, now * 1000, '9'.repeat(90)])
    expect(readAskedWait(far, now)).toBe(10 * minutes);
});

test('a secret in a page is hidden, and a long page is cut before it is looked at', () => {
  expect(clean('token abc123', ['abc123'])).toBe('token …');
  const begun = cpuTime();
  clean('<'.repeat(5_000_000), []);
  expect(cpuTime() - begun).toBeLessThan(2000);
});
