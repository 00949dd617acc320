import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Config } from '../../src/config/config.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';

export interface Place extends Disposable {
  path: string;
  write(files: Record<string, string | Buffer>): void;
  load(environment?: Record<string, string>): Config;
  /** What is wrong, a line each; empty: nothing. */
  told(environment?: Record<string, string>): string[];
}

/** A folder with a configuration in it, and an environment of its own. */
export function makePlace(yaml?: string): Place {
  const path = mkdtempSync(join(tmpdir(), 'dripline-config-'));
  const place: Place = {
    path,
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), text);
      }
    },
    load: (environment = {}) => loadConfig(path, openEnvironment(path, environment)),
    told(environment = {}) {
      try {
        place.load(environment);
        return [];
      } catch (error) {
        return (error as Error).message.split('\n');
      }
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
  if (yaml !== undefined) place.write({ 'config/dripline.yaml': yaml });
  return place;
}

export const example = `timezone: Europe/Berlin
accounts:
  x-main:   { network: x, appKey: "\${X_APP_KEY}", appSecret: "\${X_APP_SECRET}",
              accessToken: "\${X_ACCESS_TOKEN}", accessSecret: "\${X_ACCESS_SECRET}",
              budget: 10 USD/month }
  bsky:     { network: bluesky, handle: me.example.com, password: "\${BLUESKY_APP_PASSWORD}" }
  masto:    { network: mastodon, url: https://mastodon.social, token: "\${MASTODON_TOKEN}" }
cadence:                       # default for all accounts; an account or a queue may have its own
  perDay: 1-2                  # a range: engagement decides within it; a number: exactly that
  windows: ["08:00-12:00", "16:00-21:00"]
  days: [mon, tue, wed, thu, fri]
  minGap: 90m
  blackout: ["2026-12-24/2026-12-26"]
queues:
  tips: { perDay: 1, windows: ["12:00-14:00"], accounts: [bsky, masto] }
  blog: { perDay: 1 }
# adaptive | steady; mostly-here | a zone | worldwide
pacing: { mode: adaptive, audience: mostly-here }
feeds:
  - { url: https://example.com/feed.xml, queue: blog, template: "{{title}} {{link}}", perDay: 2 }
campaigns:
  spring: { touches: 29, utm: { source: "{{network}}", campaign: spring } }
chat:
  telegram: { token: "\${TELEGRAM_TOKEN}", allow: [123456] }
notices: { webhook: https://ntfy.example.com/dripline }   # also without a chat
web: { host: 127.0.0.1, port: 4330, password: "\${DRIPLINE_WEB_PASSWORD}" }
`;

const secretNames = [
  'X_APP_KEY',
  'X_APP_SECRET',
  'X_ACCESS_TOKEN',
  'X_ACCESS_SECRET',
  'BLUESKY_APP_PASSWORD',
  'MASTODON_TOKEN',
  'TELEGRAM_TOKEN',
  'DRIPLINE_WEB_PASSWORD',
];
export const exampleSecrets: Record<string, string> = Object.fromEntries(
  secretNames.map((name) => [name, `value-of-${name}`]),
);
