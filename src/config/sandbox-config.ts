/**
 * What `npm start` runs where nothing is configured: the three local networks, a release every few
 * seconds. The credentials are the sandbox's own.
 */
export const sandboxConfig = (zone: string): string => `
timezone: ${zone}
accounts:
  x:        { network: x, baseUrl: "http://127.0.0.1:4332", appKey: sandbox-app-key, appSecret: sandbox-app-secret,
              accessToken: sandbox-access-token, accessSecret: sandbox-access-secret }
  bluesky:  { network: bluesky, baseUrl: "http://127.0.0.1:4333", handle: dripline.test, password: sand-boxx-pass-word }
  mastodon: { network: mastodon, url: "http://127.0.0.1:4334", token: sandbox-token }
cadence:
  perDay: 4320
  windows: ["00:00-24:00"]
  minGap: 12s
pacing: { mode: steady }
`;
