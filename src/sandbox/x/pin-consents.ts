import { randomBytes, randomInt } from 'node:crypto';
import { type Instant, minute } from '../../core/time.ts';
import { onClock } from '../../ports/clock.ts';
import { toCodePage, toConsentPage, toRefusalPage } from '../consent/consent-page.ts';
import { toJson, type Answer, type Incoming, type Route } from '../http/routing.ts';
import { personId, type XPerson } from '../world/network-rows.ts';
import type { World } from '../world/world.ts';
import { isSignedBy, readSigned } from './auth.ts';

interface Asked {
  appKey: string;
  appSecret: string;
  secret: string;
  until: Instant;
  /** Who has consented, with the number that they were shown. */
  given?: { person: XPerson; pin: string };
}

interface Consents {
  world: World;
  /** By request token. */
  asked: Map<string, Asked>;
}

/** OAuth 1.0a with a PIN: `oauth_callback=oob`. The app of the sandbox has no other callback. */
export function consentRoutes(world: World): Route[] {
  const consents: Consents = { world, asked: new Map() };
  const route = (
    line: string,
    handle: (consents: Consents, request: Incoming) => Answer,
  ): Route => {
    const [method = '', path = ''] = line.split(' ');
    return { method, path, handle: (request) => handle(consents, request) };
  };
  return [
    route('POST /oauth/request_token', requestToken),
    route('GET /oauth/authorize', (own, { query }) => askPerson(own, query)),
    route('POST /oauth/authorize', (own, { body }) =>
      showPin(own, new URLSearchParams(body.toString('utf8'))),
    ),
    route('POST /oauth/access_token', accessToken),
  ];
}

const toForm = (values: Record<string, string>): Answer => ({
  status: 200,
  headers: { 'content-type': 'text/html;charset=utf-8' },
  body: Buffer.from(new URLSearchParams(values).toString()),
});

const refusal = (status: number, code: number, message: string): Answer =>
  toJson(status, { errors: [{ code, message }] });

const unknown = () => refusal(401, 32, 'Could not authenticate you.');

/** In the header or in the body. */
const parameter = ({ body }: Incoming, header: Record<string, string>, name: string) =>
  header[name] ?? new URLSearchParams(body.toString('utf8')).get(name) ?? undefined;

const peopleOf = ({ world }: Consents, appKey: string | undefined): XPerson[] =>
  world.people.filter((one): one is XPerson => one.network === 'x' && one.appKey === appKey);

function requestToken(consents: Consents, request: Incoming): Answer {
  const header = readSigned(request);
  const [owner] = peopleOf(consents, header?.['oauth_consumer_key']);
  if (!header || !owner) return unknown();
  const { appKey, appSecret } = owner;
  if (!isSignedBy(request, header, { appSecret, accessSecret: '' })) return unknown();
  if (parameter(request, header, 'oauth_callback') !== 'oob')
    return refusal(
      403,
      415,
      'Callback URL not approved for this client application. Approved callback URLs can be ' +
        'adjusted in your application settings',
    );
  const [token, secret] = [randomBytes(20), randomBytes(20)].map((one) =>
    one.toString('base64url'),
  );
  const { clock } = consents.world;
  const until = clock.now() + onClock(clock, 15 * minute);
  consents.asked.set(token ?? '', { appKey, appSecret, secret: secret ?? '', until });
  return toForm({
    oauth_token: token ?? '',
    oauth_token_secret: secret ?? '',
    oauth_callback_confirmed: 'true',
  });
}

function find({ world, asked }: Consents, token: string | null | undefined): Asked | undefined {
  const found = asked.get(token ?? '');
  return found && found.until >= world.clock.now() ? found : undefined;
}

const invalid = () =>
  toRefusalPage(401, 'Whoa there!', 'The request token for this page is invalid.');

function askPerson(consents: Consents, query: URLSearchParams): Answer {
  const token = query.get('oauth_token') ?? '';
  const found = find(consents, token);
  if (!found) return invalid();
  return toConsentPage({
    title: 'Authorize Dripline to access your account?',
    asked: ['See posts from your timeline', 'Post for you'],
    people: peopleOf(consents, found.appKey).map(({ handle }) => handle),
    action: '/oauth/authorize',
    hidden: { oauth_token: token },
  });
}

function showPin(consents: Consents, form: URLSearchParams): Answer {
  const found = find(consents, form.get('oauth_token'));
  if (!found) return invalid();
  const person = peopleOf(consents, found.appKey).find(
    ({ handle }) => handle === form.get('account'),
  );
  if (form.get('decision') !== 'allow' || !person)
    return toRefusalPage(200, 'Nothing was authorized', 'You may close this page.');
  const pin = String(randomInt(1_000_000, 10_000_000));
  found.given = { person, pin };
  return toCodePage('You have granted access', 'Enter this PIN to finish the authorization.', pin);
}

/** The same token as ever for the same account and app, as X does. */
function accessToken(consents: Consents, request: Incoming): Answer {
  const header = readSigned(request);
  const token = header?.['oauth_token'];
  const found = find(consents, token);
  if (!header || !found || header['oauth_consumer_key'] !== found.appKey) return unknown();
  const { appSecret, secret, given } = found;
  if (!isSignedBy(request, header, { appSecret, accessSecret: secret })) return unknown();
  if (!given || parameter(request, header, 'oauth_verifier') !== given.pin)
    return {
      status: 401,
      headers: { 'content-type': 'text/html;charset=utf-8' },
      body: Buffer.from('Error processing your OAuth request: Invalid oauth_verifier parameter'),
    };
  consents.asked.delete(token ?? '');
  return toForm({
    oauth_token: given.person.accessToken,
    oauth_token_secret: given.person.accessSecret,
    user_id: personId(given.person),
    screen_name: given.person.handle,
  });
}
