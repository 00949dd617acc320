import { day, minute } from '../../core/time.ts';
import {
  Denied,
  toJson,
  withHeaders,
  type Answer,
  type Api,
  type Incoming,
  type Route,
} from '../http/routing.ts';
import { personId, type XPerson } from '../world/network-rows.ts';
import type { Quota, Rates } from '../http/quotas.ts';
import type { World } from '../world/world.ts';
import { rateHeaders, tooMany, toMissing, toTooMany, xProblems } from './answers.ts';
import { authenticateX } from './auth.ts';
import type { XBills } from './bill.ts';
import { consentRoutes } from './pin-consents.ts';
import { requireKnownFields } from './fields.ts';
import { listMentions } from './mentions.ts';
import { createXUploads } from './uploads.ts';
import {
  createPost,
  findPosts,
  listPosts,
  removePost,
  repostPost,
  type XContext,
} from './publishing.ts';
import { toUser } from './views.ts';

interface Metered {
  method: string;
  path: string;
  /** Requests of a user in 15 minutes. */
  limit: number;
  handle: Handle;
}

type Handle = (person: XPerson, request: Incoming) => Answer;

function route(line: string, limit: number, handle: Handle): Metered {
  const [method = '', path = ''] = line.split(' ');
  return { method, path, limit, handle };
}

/**
 * The parts of X's API v2 that publishing and measuring need. Limits are those of docs.x.com in
 * 2026.
 */
export function createXApi(context: XContext, rates: Rates, bills: XBills): Api {
  const { world } = context;
  return {
    name: 'x',
    maxBody: 6 * 1024 * 1024,
    problems: xProblems(world.clock),
    routes: [
      ...consentRoutes(world),
      ...[...postRoutes(context), ...userRoutes(context), ...uploadRoutes(world)].map((one) =>
        meter({ world, rates, bills }, one),
      ),
    ],
  };
}

const postRoutes = (context: XContext): Metered[] => [
  route('POST /2/tweets', 100, (person, request) => createPost(context, person, request)),
  route('GET /2/tweets', 5000, (_, request) => findPosts(context, request)),
  route('GET /2/tweets/:id', 900, (_, request) => findPosts(context, request)),
  route('DELETE /2/tweets/:id', 50, (person, request) => removePost(context, person, request)),
  route('GET /2/users/:id/tweets', 900, (_, request) => listPosts(context, request)),
  route('GET /2/users/:id/mentions', 300, (_, request) => listMentions(context, request)),
  route('POST /2/users/:id/retweets', 50, (person, request) =>
    repostPost(context, person, request),
  ),
];

const userRoutes = ({ world }: XContext): Metered[] => [
  route('GET /2/users/me', 75, (person, { query }) =>
    toJson(200, { data: toUser(world, person, userFields(query)) }),
  ),
  route('GET /2/users/:id', 900, (_, request) => findUser(world, 'id', request)),
  route('GET /2/users/by/username/:username', 900, (_, request) =>
    findUser(world, 'username', request),
  ),
];

function uploadRoutes(world: World): Metered[] {
  const uploads = createXUploads(world);
  return [
    route('POST /2/media/upload/initialize', 1875, uploads.initialize),
    route('POST /2/media/upload/:id/append', 1875, uploads.append),
    route('POST /2/media/upload/:id/finalize', 1875, uploads.finalize),
    route('GET /2/media/upload', 1000, uploads.status),
    route('POST /2/media/metadata', 500, uploads.describe),
    route('POST /2/media/subtitles', 100, uploads.caption),
  ];
}

/** Checks who asks, takes from the quotas, and bills what the answer brings. */
function meter(
  { world, rates, bills }: { world: World; rates: Rates; bills: XBills },
  { method, path, limit, handle }: Metered,
): Route {
  const name = `${method} ${path}`;
  return {
    method,
    path,
    handle(request) {
      const person = authenticateX(world.people, request);
      if (method === 'GET') requireKnownFields(request.query);
      const quota = rates.take(`x ${person.accessToken} ${name}`, {
        limit,
        windowFor: 15 * minute,
      });
      if (quota.isOver) return toTooMany(quota.limit, quota.resetAt);
      const daily = name === 'POST /2/tweets' ? takeDaily(rates, person) : {};
      const billed = () => {
        const answer = handle(person, request);
        bills.charge(person, name, { request, answer });
        return answer;
      };
      const headers = rateHeaders(quota.limit, quota.remaining, quota.resetAt);
      return withRates(billed, { ...headers, ...daily });
    },
  };
}

const userFields = (query: URLSearchParams) =>
  new Set((query.get('user.fields') ?? '').split(',').filter(Boolean));

function findUser(world: World, by: 'id' | 'username', { params, query }: Incoming): Answer {
  const value = params[by] ?? '';
  const person = world.people.find(
    (one): one is XPerson =>
      one.network === 'x' &&
      (by === 'id' ? personId(one) === value : one.handle.toLowerCase() === value.toLowerCase()),
  );
  return toJson(
    200,
    person
      ? { data: toUser(world, person, userFields(query)) }
      : { errors: [toMissing(by, value, 'user')] },
  );
}

/** What the app may post in a day, over all users. */
function takeDaily(rates: Rates, person: XPerson): Record<string, string> {
  const quota: Quota = rates.take(`x ${person.appKey} daily`, {
    limit: 10_000,
    windowFor: day,
  });
  const headers = {
    'x-app-limit-24hour-limit': String(quota.limit),
    'x-app-limit-24hour-remaining': String(quota.remaining),
    'x-app-limit-24hour-reset': String(Math.ceil(quota.resetAt / 1000)),
  };
  if (quota.isOver) throw new Denied(withHeaders(tooMany(), headers));
  return headers;
}

/** Refusals carry the headers too. */
function withRates(handle: () => Answer, headers: Record<string, string>): Answer {
  try {
    return withHeaders(handle(), headers);
  } catch (error) {
    if (error instanceof Denied) return withHeaders(error.answer, headers);
    throw error;
  }
}
