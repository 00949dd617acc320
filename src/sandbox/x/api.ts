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
import { rateHeaders, toMissing, toProblem, toTooMany, xProblems } from './answers.ts';
import { authenticateX } from './auth.ts';
import type { XBills } from './bill.ts';
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

/**
 * The parts of X's API v2 that publishing and measuring need. Limits are those of docs.x.com in
 * 2026, for 15 minutes and user.
 */
export function createXApi(context: XContext, rates: Rates, bills: XBills): Api {
  const { world } = context;
  const uploads = createXUploads(world);
  const route = (
    method: string,
    path: string,
    limit: number,
    handle: (person: XPerson, request: Incoming) => Answer,
  ): Route => ({
    method,
    path,
    handle(request) {
      const person = authenticateX(world.people, request);
      const quota = rates.take(`x ${person.accessToken} ${method} ${path}`, limit, 15 * minute);
      if (quota.isOver) return toTooMany(quota.limit, quota.resetAt);
      const more = method === 'POST' && path === '/2/tweets' ? takeDaily(rates, person) : {};
      const billed = () => {
        const answer = handle(person, request);
        bills.charge(person, `${method} ${path}`, request, answer);
        return answer;
      };
      return withRates(billed, {
        ...rateHeaders(quota.limit, quota.remaining, quota.resetAt),
        ...more,
      });
    },
  });
  return {
    name: 'x',
    maxBody: 6 * 1024 * 1024,
    problems: xProblems(world.clock),
    routes: [
      route('POST', '/2/tweets', 100, (person, request) => createPost(context, person, request)),
      route('GET', '/2/tweets', 5000, (_, request) => findPosts(context, request)),
      route('GET', '/2/tweets/:id', 900, (_, request) => findPosts(context, request)),
      route('DELETE', '/2/tweets/:id', 50, (person, request) =>
        removePost(context, person, request),
      ),
      route('GET', '/2/users/me', 75, (person, { query }) =>
        toJson(200, { data: toUser(world, person, userFields(query)) }),
      ),
      route('GET', '/2/users/:id', 900, (_, { params, query }) =>
        findUser(context, 'id', params.id ?? '', query),
      ),
      route('GET', '/2/users/by/username/:username', 900, (_, { params, query }) =>
        findUser(context, 'username', params.username ?? '', query),
      ),
      route('GET', '/2/users/:id/tweets', 900, (_, request) => listPosts(context, request)),
      route('GET', '/2/users/:id/mentions', 300, (_, request) => listMentions(context, request)),
      route('POST', '/2/users/:id/retweets', 50, (person, request) =>
        repostPost(context, person, request),
      ),
      route('POST', '/2/media/upload/initialize', 1875, uploads.initialize),
      route('POST', '/2/media/upload/:id/append', 1875, uploads.append),
      route('POST', '/2/media/upload/:id/finalize', 1875, uploads.finalize),
      route('GET', '/2/media/upload', 1000, uploads.status),
      route('POST', '/2/media/metadata', 500, uploads.describe),
    ],
  };
}

const userFields = (query: URLSearchParams) =>
  new Set((query.get('user.fields') ?? '').split(',').filter(Boolean));

function findUser(
  { world }: XContext,
  by: 'id' | 'username',
  value: string,
  query: URLSearchParams,
): Answer {
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
  const quota: Quota = rates.take(`x ${person.appKey} daily`, 10_000, day);
  const headers = {
    'x-app-limit-24hour-limit': String(quota.limit),
    'x-app-limit-24hour-remaining': String(quota.remaining),
    'x-app-limit-24hour-reset': String(Math.ceil(quota.resetAt / 1000)),
  };
  if (quota.isOver)
    throw new Denied(
      withHeaders(toProblem(429, 'Too Many Requests', 'Too Many Requests'), headers),
    );
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
