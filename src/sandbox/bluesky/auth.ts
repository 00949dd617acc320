import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { day, hour } from '../../core/time.ts';
import { type Clock, onClock } from '../../ports/clock.ts';
import { deny } from './answers.ts';
import {
  isObject,
  parseJson,
  toJson,
  type Answer,
  type Fields,
  type Incoming,
} from '../http/routing.ts';
import { personId, type BlueskyPerson, type SandboxAccount } from '../world/network-rows.ts';

type Scope = 'com.atproto.appPass' | 'com.atproto.refresh';

const lifetimes: Record<Scope, number> = {
  'com.atproto.appPass': 2 * hour,
  'com.atproto.refresh': 60 * day,
};

export function findBlueskyPerson(
  people: SandboxAccount[],
  name: string,
): BlueskyPerson | undefined {
  return people.find(
    (one): one is BlueskyPerson =>
      one.network === 'bluesky' &&
      (one.handle.toLowerCase() === name.toLowerCase() || personId(one) === name),
  );
}

export function createSession(people: SandboxAccount[], clock: Clock, request: Incoming): Answer {
  const body = parseJson(request.body);
  if (!isObject(body) || typeof body.identifier !== 'string' || typeof body.password !== 'string') {
    deny('InvalidRequest', 'Input must have the property "identifier"');
  }
  const person = findBlueskyPerson(people, body.identifier);
  if (!person || person.password !== body.password)
    deny('AuthenticationRequired', 'Invalid identifier or password', 401);
  return toJson(200, { ...describeSession(person, request), ...issueTokens(person, clock) });
}

export function refreshSession(people: SandboxAccount[], clock: Clock, request: Incoming): Answer {
  const person = authenticateBluesky({ people, clock }, request, 'com.atproto.refresh');
  return toJson(200, { ...describeSession(person, request), ...issueTokens(person, clock) });
}

/** The DID document names this very server: no client is sent elsewhere. */
export function describeSession(person: BlueskyPerson, { origin }: Incoming): Fields {
  const did = personId(person);
  return {
    did,
    handle: person.handle,
    email: `${person.handle}@example.com`,
    emailConfirmed: !person.isUnverified,
    active: true,
    didDoc: {
      '@context': ['https://www.w3.org/ns/did/v1'],
      id: did,
      alsoKnownAs: [`at://${person.handle}`],
      service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: origin }],
    },
  };
}

function issueTokens(person: BlueskyPerson, clock: Clock): Fields {
  return {
    accessJwt: issueToken(person, clock, 'com.atproto.appPass'),
    refreshJwt: issueToken(person, clock, 'com.atproto.refresh'),
  };
}

/**
 * Nothing is kept: a token is good as long as its signature and its time say so, also after a
 * restart.
 */
function issueToken(person: BlueskyPerson, clock: Clock, scope: Scope): string {
  const iat = Math.floor(clock.now() / 1000);
  const claims = {
    scope,
    sub: personId(person),
    aud: 'did:web:sandbox.test',
    iat,
    // A session lasts as long as a network's does, however fast the days pass.
    exp: iat + Math.ceil(onClock(clock, lifetimes[scope]) / 1000),
    jti: keyOf(person).toString('hex').slice(0, 8),
  };
  return signClaims(person, { typ: 'at+jwt' }, claims);
}

/** A token that only this sandbox can have made. */
export function signClaims(
  person: BlueskyPerson,
  { typ }: { typ: string },
  claims: Fields,
): string {
  const head = [{ typ, alg: 'HS256' }, claims]
    .map((piece) => Buffer.from(JSON.stringify(piece)).toString('base64url'))
    .join('.');
  return `${head}.${sign(person, head)}`;
}

/** A new password ends all sessions. */
const keyOf = (person: BlueskyPerson) =>
  createHash('sha256')
    .update(`sandbox ${personId(person)} ${person.password}`)
    .digest();
const sign = (person: BlueskyPerson, head: string) =>
  createHmac('sha256', keyOf(person)).update(head).digest('base64url');

export function authenticateBluesky(
  { people, clock }: { people: SandboxAccount[]; clock: Clock },
  request: Incoming,
  scope: Scope = 'com.atproto.appPass',
): BlueskyPerson {
  const { person, claims } = verifyClaims(people, request, 'sub');
  if (claims.scope !== scope) deny('InvalidToken', 'Bad token scope');
  if (Number(claims.exp) * 1000 <= clock.now()) deny('ExpiredToken', 'Token has expired');
  return person;
}

/** `who`: the claim that names the account. */
export function verifyClaims(
  people: SandboxAccount[],
  request: Incoming,
  who: 'sub' | 'iss',
): { person: BlueskyPerson; claims: Fields } {
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!token) deny('AuthMissing', 'Authentication Required', 401);
  const [head = '', payload = '', signature = ''] = token.split('.');
  const claims = parseJson(Buffer.from(payload, 'base64url'));
  if (!isObject(claims)) deny('InvalidToken', 'Token could not be verified');
  const person = findBlueskyPerson(people, String(claims[who]));
  const wanted = Buffer.from(person ? sign(person, `${head}.${payload}`) : '');
  const given = Buffer.from(signature);
  if (!person || given.length !== wanted.length || !timingSafeEqual(given, wanted))
    deny('InvalidToken', 'Token could not be verified');
  return { person, claims };
}
