import { randomBytes } from 'node:crypto';
import { minute } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Rates } from '../http/quotas.ts';
import {
  isObject,
  parseJson,
  toFields,
  toJson,
  type Answer,
  type Incoming,
} from '../http/routing.ts';
import { deny, toTooMany } from './answers.ts';

export const outOfBand = 'urn:ietf:wg:oauth:2.0:oob';

export const knownScopes = [
  'profile',
  'read',
  ...['accounts', 'notifications', 'statuses'].map((one) => `read:${one}`),
  'write',
  ...['media', 'statuses'].map((one) => `write:${one}`),
];

export interface App {
  id: string;
  name: string;
  website: string | null;
  scopes: string[];
  redirects: string[];
  clientId: string;
  clientSecret: string;
}

export interface Apps {
  register(request: Incoming): Answer;
  find(clientId: unknown): App | undefined;
}

export function readFields({ headers, body }: Incoming): Record<string, unknown> {
  if (!(headers['content-type'] ?? '').includes('json'))
    return toFields(new URLSearchParams(body.toString('utf8')));
  const parsed = parseJson(body);
  return isObject(parsed) ? parsed : {};
}

/** In memory: a server that restarts has forgotten its idle apps, as older ones do. */
export function createApps(clock: Clock, rates: Rates): Apps {
  const apps = new Map<string, App>();
  return {
    find: (clientId) => apps.get(String(clientId)),
    register(request) {
      const quota = rates.take('mastodon apps', { limit: 5, windowFor: 10 * minute });
      if (quota.isOver) return toTooMany(clock, quota);
      const app = { ...parseApp(readFields(request)), id: String(apps.size + 1) };
      apps.set(app.clientId, app);
      return toJson(200, toCredentials(app));
    },
  };
}

function parseApp(fields: Record<string, unknown>): Omit<App, 'id'> {
  const { client_name: name, redirect_uris: given, scopes: asked = 'read', website } = fields;
  const redirects = [given ?? []]
    .flat()
    .flatMap((one) => String(one).split(/\s+/))
    .filter(Boolean);
  if (typeof name !== 'string' || name === '')
    deny(422, "Validation failed: Application name can't be blank");
  if (!redirects.length) deny(422, "Validation failed: Redirect URI can't be blank");
  if (!redirects.every((one) => URL.canParse(one)))
    deny(422, 'Validation failed: Redirect URI must be an absolute URI.');
  const scopes = String(asked)
    .split(/[\s+]+/)
    .filter(Boolean);
  if (!scopes.every((one) => knownScopes.includes(one)))
    deny(422, "Validation failed: Scopes doesn't match configured on the server.");
  return {
    name,
    website: typeof website === 'string' && website !== '' ? website : null,
    scopes,
    redirects,
    clientId: randomBytes(32).toString('base64url'),
    clientSecret: randomBytes(32).toString('base64url'),
  };
}

export const toApp = ({ id, name, website, scopes, redirects }: App) => ({
  id,
  name,
  website,
  scopes,
  redirect_uris: redirects,
  redirect_uri: redirects.join('\n'),
});

const toCredentials = (app: App) => ({
  ...toApp(app),
  client_id: app.clientId,
  client_secret: app.clientSecret,
  client_secret_expires_at: 0,
});
