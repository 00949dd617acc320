import { day, hour, minute } from '../../core/time.ts';
import { blueskyProblems, deny, rateHeaders, toTooMany } from './answers.ts';
import {
  authenticateBluesky,
  createSession,
  describeSession,
  findBlueskyPerson,
  refreshSession,
} from './auth.ts';
import { listNotifications } from './notifications.ts';
import {
  applyWrites,
  createRecord,
  deleteRecord,
  getRecord,
  listRecords,
  putRecord,
  uploadBlob,
} from './publishing.ts';
import { getAuthorFeed, getPosts, getProfile, type BlueskyContext } from './views.ts';
import {
  Denied,
  isObject,
  parseJson,
  toJson,
  withHeaders,
  type Answer,
  type Api,
  type Incoming,
  type Route,
} from '../http/routing.ts';
import { personId, type BlueskyPerson } from '../world/network-rows.ts';
import type { Rates } from '../http/quotas.ts';

type Handle = (person: BlueskyPerson, request: Incoming) => Answer;

/** A personal data server and the views of app.bsky in one. Limits are those of bsky.social. */
export function createBlueskyApi(context: BlueskyContext, rates: Rates): Api {
  const { world } = context;
  const { people, clock } = world;
  const open = (method: string, name: string, handle: (request: Incoming) => Answer): Route => ({
    method,
    path: `/xrpc/${name}`,
    handle: (request) => limited(context, rates, 'everybody', () => handle(request)),
  });
  const own = (
    method: string,
    name: string,
    handle: Handle,
    points: (request: Incoming) => number = () => 0,
  ): Route =>
    open(method, name, (request) => {
      const person = authenticateBluesky(people, clock, request);
      takePoints(context, rates, person, points(request));
      return handle(person, request);
    });
  return {
    name: 'bluesky',
    maxBody: 5 * 1024 * 1024,
    problems: blueskyProblems(clock),
    routes: [
      { method: 'GET', path: '/xrpc/_health', handle: () => toJson(200, { version: 'sandbox' }) },
      open('GET', 'com.atproto.server.describeServer', () =>
        toJson(200, {
          did: 'did:web:sandbox.test',
          availableUserDomains: ['.test'],
          inviteCodeRequired: true,
        }),
      ),
      open('POST', 'com.atproto.server.createSession', (request) => {
        takeLogin(context, rates, request);
        return createSession(people, clock, request);
      }),
      open('POST', 'com.atproto.server.refreshSession', (request) =>
        refreshSession(people, clock, request),
      ),
      open('POST', 'com.atproto.server.deleteSession', () => ({
        status: 200,
        headers: {},
        body: Buffer.alloc(0),
      })),
      open('GET', 'com.atproto.identity.resolveHandle', ({ query }) => {
        const person =
          findBlueskyPerson(people, query.get('handle') ?? '') ??
          deny('InvalidRequest', 'Unable to resolve handle');
        return toJson(200, { did: personId(person) });
      }),
      open('GET', 'com.atproto.repo.getRecord', (request) => getRecord(world, request)),
      open('GET', 'com.atproto.repo.listRecords', (request) => listRecords(world, request)),
      own('GET', 'com.atproto.server.getSession', (person, request) =>
        toJson(200, describeSession(person, request)),
      ),
      own('POST', 'com.atproto.repo.uploadBlob', (person, request) =>
        uploadBlob(world, person, request),
      ),
      own(
        'POST',
        'com.atproto.repo.putRecord',
        (person, request) => putRecord(world, person, request),
        () => 2,
      ),
      own(
        'POST',
        'com.atproto.repo.createRecord',
        (person, request) => createRecord(world, person, request),
        () => 3,
      ),
      own(
        'POST',
        'com.atproto.repo.deleteRecord',
        (person, request) => deleteRecord(world, person, request),
        () => 1,
      ),
      own(
        'POST',
        'com.atproto.repo.applyWrites',
        (person, request) => applyWrites(world, person, request),
        pointsOfWrites,
      ),
      own('GET', 'app.bsky.feed.getPosts', (_, request) => getPosts(context, request)),
      own('GET', 'app.bsky.feed.getAuthorFeed', (_, request) => getAuthorFeed(context, request)),
      own('GET', 'app.bsky.notification.listNotifications', (person, request) =>
        listNotifications(context, person, request),
      ),
      own('GET', 'app.bsky.actor.getProfile', (_, request) => getProfile(context, request)),
    ],
  };
}

/** The headers tell the bucket of the address: 3,000 requests in five minutes. */
function limited(
  { world }: BlueskyContext,
  rates: Rates,
  key: string,
  handle: () => Answer,
): Answer {
  const windowFor = 5 * minute;
  const quota = rates.take(`bluesky ${key}`, 3000, windowFor);
  if (quota.isOver) return toTooMany(world.clock, quota, windowFor);
  const headers = rateHeaders(quota, windowFor);
  try {
    return withHeaders(handle(), headers);
  } catch (error) {
    throw error instanceof Denied
      ? new Denied({ ...error.answer, headers: { ...headers, ...error.answer.headers } })
      : error;
  }
}

function takePoints(
  { world }: BlueskyContext,
  rates: Rates,
  person: BlueskyPerson,
  points: number,
): void {
  for (const [limit, windowFor] of [
    [5000, hour],
    [35_000, day],
  ] as const) {
    const quota = rates.take(
      `bluesky points ${personId(person)} ${windowFor}`,
      limit,
      windowFor,
      points,
    );
    if (quota.isOver) throw new Denied(toTooMany(world.clock, quota, windowFor));
  }
}

function takeLogin({ world }: BlueskyContext, rates: Rates, { body }: Incoming): void {
  const login = parseJson(body);
  const name = isObject(login) ? String(login.identifier) : '';
  for (const [limit, windowFor] of [
    [30, 5 * minute],
    [300, day],
  ] as const) {
    const quota = rates.take(`bluesky login ${name} ${windowFor}`, limit, windowFor);
    if (quota.isOver) throw new Denied(toTooMany(world.clock, quota, windowFor));
  }
}

function pointsOfWrites({ body }: Incoming): number {
  const input = parseJson(body);
  const writes =
    isObject(input) && Array.isArray(input.writes) ? (input.writes as { $type?: string }[]) : [];
  const price = (type = '') => (type.endsWith('create') ? 3 : type.endsWith('update') ? 2 : 1);
  return writes.reduce((sum, write) => sum + price(write?.$type), 0);
}
