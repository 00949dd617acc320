import { createHash, randomBytes } from 'node:crypto';
import { traitsOf } from '../../core/network/traits-of.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { Refusal } from '../../core/problem.ts';
import { second } from '../../core/time.ts';
import type { CallAnswer } from '../../io/guarded/guarded-call.ts';
import type {
  Begun,
  BeginOptions,
  Connector,
  Grant,
  KnownApp,
  Way,
} from '../../ports/connecting/connector.ts';
import { type ConnectDeps, needed, tellWait, toFields } from '../connect-deps.ts';
import { clean } from '../publish-error.ts';
import { findApp, isText, outOfBand, type Server, serverAt } from './app-registration.ts';
import { readServer } from '../server-name.ts';

const network = 'mastodon';
const question = 'Server, such as mastodon.social';
const { help, fields } = traitsOf(network).setup;

const ways: Way[] = [
  {
    key: 'consent',
    title: 'Sign in at your server',
    help: [
      'Your server asks whether Dripline may read your posts and notifications, and publish ' +
        'posts and media. You can revoke it there at any time.',
    ],
    fields: [{ key: 'url', question, isSecret: false }],
    asksNetwork: true,
  },
  { key: 'token', title: 'Paste an access token', help, fields, asksNetwork: false },
];

export function openMastodonConnector(deps: ConnectDeps): Connector {
  return {
    network,
    ways,
    async begin(way, values, options) {
      const given = needed(values, 'url', { network, question });
      const origin = readServer(given, deps.leaveFor, 'https://mastodon.social');
      if (way === 'consent') return askConsent(deps, origin, options);
      const token = needed(values, 'token', { network, question: 'Access token' });
      const entry = { url: origin };
      return { grant: { entry, secrets: { token }, scopes: [], notes: [] } };
    },
  };
}

async function askConsent(
  deps: ConnectDeps,
  origin: string,
  { signal, state, callback }: BeginOptions,
): Promise<Begun> {
  const asking = { ...deps, leave: deps.leaveFor(origin) };
  const { app, redirect } = await findApp(deps, serverAt(origin, { ...asking, signal }), callback);
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: redirect,
    scope: app.scopes,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return {
    consent: {
      url: `${origin}/oauth/authorize?${query.toString()}`,
      answer: redirect === outOfBand ? 'code' : 'callback',
      codeName: 'code',
      finish: (answer, itsSignal) =>
        exchange(deps, serverAt(origin, { ...asking, signal: itsSignal }), {
          app,
          redirect,
          verifier,
          code: readCode(answer),
        }),
    },
  };
}

/** As people paste it: some servers print more behind it, and some people take the address. */
function readCode(pasted: string): string {
  const text = pasted.trim().slice(0, 2000);
  if (/^https?:\/\//i.test(text) && URL.canParse(text))
    return new URL(text).searchParams.get('code') ?? '';
  return text.split('&', 1)[0] ?? '';
}

interface Exchange {
  app: KnownApp;
  redirect: string;
  verifier: string;
  code: string;
}

async function exchange(
  { apps, clock }: ConnectDeps,
  server: Server,
  { app, redirect, verifier, code }: Exchange,
): Promise<Grant> {
  if (code === '') throw new Refusal('No code was given: copy it from the page of your server');
  const who = { client_id: app.clientId, client_secret: app.clientSecret };
  const answer = await server.ask('/oauth/token', {
    grant_type: 'authorization_code',
    code,
    ...who,
    redirect_uri: redirect,
    code_verifier: verifier,
  });
  const fields = toFields(answer.text);
  const { access_token: token, scope, expires_in: expiresIn } = fields;
  if (answer.status !== 200 || !isText(token)) {
    // The app is gone at the server: the next try registers another.
    if (fields['error'] === 'invalid_client') apps.write(server.origin, undefined);
    throw whyNoToken(server, answer, clock.now());
  }
  const scopes = (isText(scope) ? scope : app.scopes).split(/\s+/).filter(Boolean);
  return pickDefined({
    entry: { url: server.origin },
    secrets: { token },
    scopes,
    notes: notesOf(scopes, app.scopes),
    revoke: async () => void (await server.ask('/oauth/revoke', { ...who, token })),
    expiresAt:
      typeof expiresIn === 'number' && expiresIn > 0 ? clock.now() + expiresIn * second : undefined,
  });
}

function notesOf(granted: string[], asked: string): string[] {
  const missing = asked
    .split(' ')
    .filter((one) => !granted.includes(one) && !granted.includes(one.split(':')[0] ?? ''));
  if (missing.length === 0) return [];
  return [`The server did not grant ${missing.join(', ')}. Connect again, and allow everything`];
}

function whyNoToken({ host }: Server, answer: CallAnswer, now: number): Refusal {
  const { error, error_description: description } = toFields(answer.text);
  if (answer.status === 429)
    return new Refusal(`${host} is asked too often: ${tellWait(answer, now)}`);
  if (answer.status >= 500)
    return new Refusal(`${host} has a problem of its own (${answer.status}): try again later`);
  if (error === 'invalid_client')
    return new Refusal(`${host} does not know our app any more: connect the account again`);
  if (error === 'invalid_grant')
    return new Refusal(
      `${host} does not take this code: it is wrong, was used already, or is too old. ` +
        'Connect the account again',
    );
  const words = [error, description].filter(isText).join(': ');
  return new Refusal(
    `${host} gave no access (${answer.status}${words && `: ${clean(words, [])}`}): ` +
      'connect the account again',
  );
}
