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
import { applyWrites, createRecord, deleteRecord, putRecord, uploadBlob } from './publishing.ts';
import { getRecord, listRecords } from './records.ts';
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
import { createChats } from './chats.ts';
import { createVideos } from './videos.ts';
import { personId, type BlueskyPerson } from '../world/network-rows.ts';
import type { Rates } from '../http/quotas.ts';
import type { World } from '../world/world.ts';

type Open = (request: Incoming) => Answer;
type Handle = (person: BlueskyPerson, request: Incoming) => Answer;

interface Context extends BlueskyContext {
  rates: Rates;
}

/** `GET com.atproto.repo.getRecord`, for everyone. */
function open(context: Context, line: string, handle: Open): Route {
  const [method = '', name = ''] = line.split(' ');
  return {
    method,
    path: `/xrpc/${name}`,
    handle: (request) => limited(context, () => handle(request)),
  };
}

/** The same for whoever has logged in. */
const own = (context: Context, line: string, handle: Handle): Route =>
  open(context, line, (request) => {
    const { people, clock } = context.world;
    return handle(authenticateBluesky({ people, clock }, request), request);
  });

/** A write costs points. */
const write = (context: Context, line: string, { points, handle }: Write): Route =>
  own(context, line, (person, request) => {
    takePoints(context, person, points(request));
    return handle(context.world, person, request);
  });

interface Write {
  points(request: Incoming): number;
  handle(world: World, person: BlueskyPerson, request: Incoming): Answer;
}

/** A personal data server and the views of app.bsky in one. Limits are those of bsky.social. */
export function createBlueskyApi(shared: BlueskyContext, rates: Rates): Api {
  const context = { ...shared, rates };
  return {
    name: 'bluesky',
    maxBody: 5 * 1024 * 1024,
    problems: blueskyProblems(shared.world.clock),
    routes: [
      { method: 'GET', path: '/xrpc/_health', handle: () => toJson(200, { version: 'sandbox' }) },
      ...serverRoutes(context),
      ...repoRoutes(context),
      ...videoRoutes(context),
      ...viewRoutes(context),
      ...chatRoutes(context),
    ],
  };
}

const description = {
  did: 'did:web:sandbox.test',
  availableUserDomains: ['.test'],
  inviteCodeRequired: true,
};

function serverRoutes(context: Context): Route[] {
  const { people, clock } = context.world;
  return [
    open(context, 'GET com.atproto.server.describeServer', () => toJson(200, description)),
    open(context, 'POST com.atproto.server.createSession', (request) => {
      takeLogin(context, request);
      return createSession(people, clock, request);
    }),
    open(context, 'POST com.atproto.server.refreshSession', (request) =>
      refreshSession(people, clock, request),
    ),
    open(context, 'POST com.atproto.server.deleteSession', () => ({
      status: 200,
      headers: {},
      body: Buffer.alloc(0),
    })),
    own(context, 'GET com.atproto.server.getSession', (person, request) =>
      toJson(200, describeSession(person, request)),
    ),
    open(context, 'GET com.atproto.identity.resolveHandle', ({ query }) => {
      const person =
        findBlueskyPerson(people, query.get('handle') ?? '') ??
        deny('InvalidRequest', 'Unable to resolve handle');
      return toJson(200, { did: personId(person) });
    }),
  ];
}

function repoRoutes(context: Context): Route[] {
  const { world } = context;
  return [
    open(context, 'GET com.atproto.repo.getRecord', (request) => getRecord(world, request)),
    open(context, 'GET com.atproto.repo.listRecords', (request) => listRecords(world, request)),
    {
      ...own(context, 'POST com.atproto.repo.uploadBlob', (person, request) =>
        uploadBlob(world, person, request),
      ),
      maxBody: 50 * 1024 * 1024,
    },
    write(context, 'POST com.atproto.repo.putRecord', { points: () => 2, handle: putRecord }),
    write(context, 'POST com.atproto.repo.createRecord', {
      points: () => 3,
      handle: createRecord,
    }),
    write(context, 'POST com.atproto.repo.deleteRecord', {
      points: () => 1,
      handle: deleteRecord,
    }),
    write(context, 'POST com.atproto.repo.applyWrites', {
      points: pointsOfWrites,
      handle: applyWrites,
    }),
  ];
}

function videoRoutes(context: Context): Route[] {
  const videos = createVideos(context.world);
  return [
    own(context, 'GET com.atproto.server.getServiceAuth', videos.grant),
    open(context, 'GET app.bsky.video.getUploadLimits', videos.limits),
    open(context, 'GET app.bsky.video.getJobStatus', videos.status),
    {
      ...open(context, 'POST app.bsky.video.uploadVideo', videos.upload),
      maxBody: 301 * 1000 * 1000,
    },
  ];
}

const viewRoutes = (context: Context): Route[] => [
  own(context, 'GET app.bsky.feed.getPosts', (_, request) => getPosts(context, request)),
  own(context, 'GET app.bsky.feed.getAuthorFeed', (_, request) => getAuthorFeed(context, request)),
  own(context, 'GET app.bsky.notification.listNotifications', (person, request) =>
    listNotifications(context, person, request),
  ),
  own(context, 'GET app.bsky.actor.getProfile', (person, request) =>
    getProfile(context, person, request),
  ),
];

/** No server runs them by itself: a fake of Bluesky's chat service, as its lexicons describe it. */
function chatRoutes(context: Context): Route[] {
  const chats = createChats(context.world);
  return [
    own(context, 'GET chat.bsky.convo.getConvoForMembers', chats.convoFor),
    own(context, 'GET chat.bsky.convo.listConvos', chats.list),
    own(context, 'GET chat.bsky.convo.getMessages', chats.messages),
    own(context, 'POST chat.bsky.convo.sendMessage', chats.send),
  ];
}

/** The headers tell the bucket of the address: 3,000 requests in five minutes. */
function limited({ world, rates }: Context, handle: () => Answer): Answer {
  const windowFor = 5 * minute;
  const quota = rates.take('bluesky everybody', { limit: 3000, windowFor });
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

function takePoints({ world, rates }: Context, person: BlueskyPerson, points: number): void {
  for (const [limit, windowFor] of [
    [5000, hour],
    [35_000, day],
  ] as const) {
    const key = `bluesky points ${personId(person)} ${windowFor}`;
    const quota = rates.take(key, { limit, windowFor, points });
    if (quota.isOver) throw new Denied(toTooMany(world.clock, quota, windowFor));
  }
}

function takeLogin({ world, rates }: Context, { body }: Incoming): void {
  const login = parseJson(body);
  const name = isObject(login) ? String(login.identifier) : '';
  for (const [limit, windowFor] of [
    [30, 5 * minute],
    [300, day],
  ] as const) {
    const quota = rates.take(`bluesky login ${name} ${windowFor}`, { limit, windowFor });
    if (quota.isOver) throw new Denied(toTooMany(world.clock, quota, windowFor));
  }
}

function pointsOfWrites({ body }: Incoming): number {
  const input = parseJson(body);
  const writes =
    isObject(input) && Array.isArray(input.writes) ? (input.writes as { $type?: string }[]) : [];
  return writes.reduce((sum, one) => sum + priceOf(one?.$type), 0);
}

function priceOf(type = ''): number {
  if (type.endsWith('create')) return 3;
  return type.endsWith('update') ? 2 : 1;
}
