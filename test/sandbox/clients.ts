import { mkdtempSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AtpAgent } from '@atproto/api';
import { createRestAPIClient } from 'masto';
import { TwitterApi } from 'twitter-api-v2';
import type { Clock } from '../../src/ports/clock.ts';
import {
  defaultPeople,
  openSandbox,
  type BlueskyPerson,
  type MastodonPerson,
  type Sandbox,
  type SandboxOptions,
  type XPerson,
} from '../../src/sandbox/open-sandbox.ts';

export interface MovableClock extends Clock {
  move(ms: number): void;
}

export function createClock(start = Date.parse('2026-11-24T09:00:00Z')): MovableClock {
  let now = start;
  return {
    now: () => now,
    monotonic: () => now,
    move: (ms) => {
      now += ms;
    },
  };
}

export const freePorts = { page: 0, x: 0, bluesky: 0, mastodon: 0 };
export const newFile = () => join(mkdtempSync(join(tmpdir(), 'sandbox-')), 'accepted.jsonl');

export function openTestSandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  return openSandbox({ file: newFile(), ports: freePorts, clock: createClock(), ...options });
}

/** The library has no base URL: its plugin and an agent for plain http do it. */
export function xClient(base: string, person: XPerson = defaultPeople[0]): TwitterApi {
  const redirect = {
    onBeforeRequestConfig({ params }: { params: { url: string; timeout?: number } }) {
      const url = new URL(params.url);
      params.url = `${base}${url.pathname}${url.search}`;
      params.timeout ??= 5000;
    },
  };
  return new TwitterApi(
    {
      appKey: person.appKey,
      appSecret: person.appSecret,
      accessToken: person.accessToken,
      accessSecret: person.accessSecret,
    },
    { httpAgent: new Agent({ keepAlive: false }), plugins: [redirect] },
  );
}

export async function blueskyAgent(
  base: string,
  person: BlueskyPerson = defaultPeople[1],
): Promise<AtpAgent> {
  const agent = new AtpAgent({ service: base });
  await agent.login({ identifier: person.handle, password: person.password });
  return agent;
}

export function mastodonClient(base: string, person: MastodonPerson = defaultPeople[2]) {
  return createRestAPIClient({ url: base, accessToken: person.token, timeout: 5000 });
}

/** One pixel. */
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** The error, for a closer look. */
export async function failureOf(promise: Promise<unknown>): Promise<any> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}
