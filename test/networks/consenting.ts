import type { Clock } from '../../src/ports/clock.ts';
import type {
  Begun,
  Consent,
  Grant,
  KnownApp,
  KnownApps,
} from '../../src/ports/connecting/connector.ts';
import type { ConnectorOptions } from '../../src/networks/open-connectors.ts';

/** Kept in memory, with what is in them to look at. */
export function makeApps(): KnownApps & { all: Map<string, KnownApp> } {
  const all = new Map<string, KnownApp>();
  return {
    all,
    read: (server) => all.get(server),
    write(server, app) {
      if (app) all.set(server, app);
      else all.delete(server);
    },
  };
}

export const realClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

export const optionsWith = (more: Partial<ConnectorOptions> = {}): ConnectorOptions => ({
  clock: realClock,
  apps: makeApps(),
  leaveFor: () => ({ allowLoopback: true }),
  ...more,
});

export function consentOf(begun: Begun): Consent {
  if ('consent' in begun) return begun.consent;
  throw new Error('nothing is asked of the network');
}

export function grantOf(begun: Begun): Grant {
  if ('grant' in begun) return begun.grant;
  throw new Error('the network is asked first');
}

/** What the person at the sandbox does with its page. */
export async function press(
  url: string,
  decision: 'allow' | 'deny',
  account = 'dripline',
): Promise<Response> {
  const page = await fetch(url);
  const text = await page.text();
  const unescape = (value: string) => value.replaceAll('&amp;', '&').replaceAll('&quot;', '"');
  const fields = [...text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
    ([, name = '', value = '']): [string, string] => [name, unescape(value)],
  );
  const body = new URLSearchParams([...fields, ['account', account], ['decision', decision]]);
  return fetch(new URL('/oauth/authorize', url), { method: 'POST', body, redirect: 'manual' });
}

export const codeIn = (page: string): string => /<code>([^<]+)<\/code>/.exec(page)?.[1] ?? '';
