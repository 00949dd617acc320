import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';

/**
 * `accounts:` of a configuration for the first account of each local network: x, bsky, masto, or
 * those of them that are named. With the `page` of the networks, links lead there.
 */
export function accountsYaml(
  baseUrls: Readonly<Record<string, string>>,
  names?: readonly string[],
): string {
  const [{ appKey, appSecret, accessToken, accessSecret }, bluesky, mastodon] = defaultPeople;
  const { handle, password } = bluesky;
  const keys = { appKey, appSecret, accessToken, accessSecret };
  // JSON is YAML too.
  const accounts = {
    x: { network: 'x', baseUrl: baseUrls['x'], site: baseUrls['page'], ...keys },
    bsky: {
      network: 'bluesky',
      baseUrl: baseUrls['bluesky'],
      site: baseUrls['page'],
      handle,
      password,
    },
    masto: { network: 'mastodon', url: baseUrls['mastodon'], token: mastodon.token },
  };
  const chosen = Object.entries(accounts).filter(([name]) => names?.includes(name) ?? true);
  return `accounts: ${JSON.stringify(Object.fromEntries(chosen))}\n`;
}
