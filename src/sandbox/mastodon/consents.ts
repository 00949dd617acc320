import { createHash, randomBytes } from 'node:crypto';
import { type Instant, minute } from '../../core/time.ts';
import { onClock } from '../../ports/clock.ts';
import { toCodePage, toConsentPage, toRefusalPage } from '../consent/consent-page.ts';
import type { Rates } from '../http/quotas.ts';
import { Denied, toJson, type Answer, type Incoming, type Route } from '../http/routing.ts';
import type { MastodonPerson } from '../world/network-rows.ts';
import type { World } from '../world/world.ts';
import { type App, type Apps, createApps, knownScopes, outOfBand, readFields } from './apps.ts';
import { covers, type Tokens } from './access-tokens.ts';

interface Code {
  app: App;
  person: MastodonPerson;
  redirect: string;
  scopes: string[];
  challenge: string | undefined;
  until: Instant;
}

interface Consents {
  world: World;
  apps: Apps;
  tokens: Tokens;
  /** Given out, and not yet taken. */
  codes: Map<string, Code>;
}

type Fields = Record<string, unknown>;

/** OAuth as Mastodon 4.3 and later has it: PKCE for those who want it, and out of band. */
export function consentRoutes(world: World, rates: Rates, tokens: Tokens): Route[] {
  const apps = createApps(world.clock, rates);
  const consents: Consents = { world, apps, tokens, codes: new Map() };
  const route = (line: string, handle: Route['handle']): Route => {
    const [method = '', path = ''] = line.split(' ');
    return { method, path, handle };
  };
  return [
    route('POST /api/v1/apps', apps.register),
    route('GET /oauth/authorize', ({ query }) => askPerson(consents, Object.fromEntries(query))),
    route('POST /oauth/authorize', (request) => decide(consents, readFields(request))),
    route('POST /oauth/token', (request) => exchange(consents, request)),
    route('POST /oauth/revoke', (request) => revoke(consents, request)),
    route('GET /.well-known/oauth-authorization-server', tellMetadata),
  ];
}

const tellMetadata = ({ origin }: Incoming): Answer =>
  toJson(200, {
    issuer: `${origin}/`,
    authorization_endpoint: `${origin}/oauth/authorize`,
    token_endpoint: `${origin}/oauth/token`,
    revocation_endpoint: `${origin}/oauth/revoke`,
    app_registration_endpoint: `${origin}/api/v1/apps`,
    scopes_supported: knownScopes,
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    grant_types_supported: ['authorization_code'],
    code_challenge_methods_supported: ['S256'],
  });

interface Asked {
  app: App;
  redirect: string;
  scopes: string[];
  state: string | undefined;
  challenge: string | undefined;
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

/** What cannot be answered to the app is told to the person, as Mastodon does. */
function readAsked({ apps }: Consents, fields: Fields): Asked {
  const refuse = (status: number, about: string): never => {
    throw new Denied(toRefusalPage(status, 'An error has occurred', about));
  };
  const app =
    apps.find(fields['client_id']) ??
    refuse(401, 'Client authentication failed due to unknown client.');
  const redirect = textOf(fields['redirect_uri']) ?? '';
  if (!app.redirects.includes(redirect)) refuse(400, 'The redirect URI included is not valid.');
  if (fields['response_type'] !== 'code') refuse(400, 'The response type is not supported.');
  const scopes = (textOf(fields['scope']) ?? 'read').split(/[\s+]+/);
  if (!scopes.every((one) => covers(app.scopes, one)))
    refuse(400, 'The requested scope is invalid, unknown, or malformed.');
  const challenge = textOf(fields['code_challenge']);
  if (challenge !== undefined && fields['code_challenge_method'] !== 'S256')
    refuse(400, 'The code_challenge_method must be S256.');
  return { app, redirect, scopes, challenge, state: textOf(fields['state']) };
}

function askPerson(consents: Consents, fields: Fields): Answer {
  const { app, scopes } = readAsked(consents, fields);
  return toConsentPage({
    title: `${app.name} would like permission to access your account`,
    asked: scopes,
    people: peopleOf(consents).map(({ handle }) => handle),
    action: '/oauth/authorize',
    hidden: Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, String(value)]),
    ),
  });
}

const peopleOf = ({ world }: Consents) =>
  world.people.filter((one): one is MastodonPerson => one.network === 'mastodon');

function decide(consents: Consents, fields: Fields): Answer {
  const { app, redirect, scopes, challenge, state } = readAsked(consents, fields);
  const person = peopleOf(consents).find(({ handle }) => handle === fields['account']);
  if (fields['decision'] !== 'allow' || !person) {
    const description = 'The resource owner or authorization server denied the request.';
    if (redirect === outOfBand) return toRefusalPage(403, 'An error has occurred', description);
    return sendTo(redirect, { error: 'access_denied', error_description: description, state });
  }
  const code = randomBytes(32).toString('base64url');
  const { clock } = consents.world;
  const until = clock.now() + onClock(clock, 10 * minute);
  consents.codes.set(code, { app, person, redirect, scopes, challenge, until });
  if (redirect !== outOfBand) return sendTo(redirect, { code, state });
  return toCodePage('Authorization code', `Copy this code and paste it to ${app.name}.`, code);
}

function sendTo(redirect: string, values: Record<string, string | undefined>): Answer {
  const url = new URL(redirect);
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) url.searchParams.set(name, value);
  return { status: 302, headers: { location: url.href }, body: Buffer.alloc(0) };
}

const failure = (status: number, error: string, description: string): Answer =>
  toJson(status, { error, error_description: description });

const badGrant = () =>
  failure(
    400,
    'invalid_grant',
    'The provided authorization grant is invalid, expired, revoked, does not match the ' +
      'redirection URI used in the authorization request, or was issued to another client.',
  );

function exchange(consents: Consents, request: Incoming): Answer {
  const fields = readFields(request);
  const app = authenticateApp(consents.apps, request, fields);
  if (fields['grant_type'] !== 'authorization_code')
    return failure(
      400,
      'unsupported_grant_type',
      'The authorization grant type is not supported by the authorization server.',
    );
  const code = String(fields['code']);
  const given = consents.codes.get(code);
  if (!given || given.app !== app || fields['redirect_uri'] !== given.redirect) return badGrant();
  consents.codes.delete(code);
  if (given.until < consents.world.clock.now() || !isVerified(given, fields)) return badGrant();
  return toJson(200, {
    access_token: consents.tokens.issue(given.person, given.scopes),
    token_type: 'Bearer',
    scope: given.scopes.join(' '),
    created_at: Math.floor(consents.world.clock.now() / 1000),
  });
}

/** Half of PKCE is as wrong as a wrong one. */
function isVerified({ challenge }: Code, { code_verifier: verifier }: Fields): boolean {
  if (challenge === undefined) return verifier === undefined;
  const digest = createHash('sha256').update(String(verifier)).digest('base64url');
  return verifier !== undefined && digest === challenge;
}

function authenticateApp(apps: Apps, { headers }: Incoming, fields: Fields): App {
  const basic = /^Basic (\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const [id, secret] = basic
    ? Buffer.from(basic, 'base64').toString().split(':')
    : [fields['client_id'], fields['client_secret']];
  const app = apps.find(id);
  if (app && app.clientSecret === secret) return app;
  throw new Denied(
    failure(
      401,
      'invalid_client',
      'Client authentication failed due to unknown client, no client authentication included, or ' +
        'unsupported authentication method.',
    ),
  );
}

function revoke({ apps, tokens }: Consents, request: Incoming): Answer {
  const fields = readFields(request);
  authenticateApp(apps, request, fields);
  tokens.revoke(String(fields['token']));
  return toJson(200, {});
}
