import { hour, minute } from '../../core/time.ts';
import {
  Denied,
  toJson,
  withHeaders,
  type Answer,
  type Api,
  type Incoming,
  type Route,
} from '../http/routing.ts';
import {
  authenticateMastodon,
  denyMissing,
  mastodonProblems,
  rateHeaders,
  toTooMany,
} from './answers.ts';
import { describeMedia, getMedia, uploadMedia } from './uploads.ts';
import { listNotifications } from './notifications.ts';
import {
  createStatus,
  getSource,
  getStatus,
  getStatuses,
  listStatuses,
  reblogStatus,
  removeStatus,
} from './publishing.ts';
import { toAccount, toInstance, toOldInstance, type MastodonContext } from './views.ts';
import { personId, type MastodonPerson } from '../world/network-rows.ts';
import type { Rates } from '../http/quotas.ts';

interface Extra {
  name: string;
  limit: number;
  windowFor: number;
}

const posting: Extra = { name: 'statuses', limit: 300, windowFor: 3 * hour };
const uploading: Extra = { name: 'media', limit: 30, windowFor: 30 * minute };
const deleting: Extra = { name: 'deletes', limit: 30, windowFor: 30 * minute };

/**
 * One instance of Mastodon 4.6, as far as publishing and measuring see it. Limits are those of its
 * rack_attack and rate_limiter.
 */
export function createMastodonApi(context: MastodonContext, rates: Rates): Api {
  const { world } = context;
  const open = (path: string, handle: (request: Incoming) => Answer): Route => ({
    method: 'GET',
    path,
    handle,
  });
  const own = (
    method: string,
    path: string,
    handle: (person: MastodonPerson, request: Incoming) => Answer,
    extra?: Extra,
  ): Route => ({
    method,
    path,
    handle(request) {
      const person = authenticateMastodon(world.people, request);
      return limited(context, rates, person, extra, () => handle(person, request));
    },
  });
  const host = ({ headers }: Incoming) => headers.host ?? '';
  return {
    name: 'mastodon',
    maxBody: 17 * 1024 * 1024,
    problems: mastodonProblems(world.clock),
    routes: [
      open('/api/v2/instance', (request) => toJson(200, toInstance(context, host(request)))),
      open('/api/v1/instance', (request) => toJson(200, toOldInstance(context, host(request)))),
      own('GET', '/api/v1/accounts/verify_credentials', (person) =>
        toJson(200, toOwnAccount(context, person)),
      ),
      open('/api/v1/accounts/lookup', ({ query }) =>
        findAccount(context, ({ handle }) => handle === query.get('acct')),
      ),
      open('/api/v1/accounts/:id', ({ params }) =>
        findAccount(context, (person) => personId(person) === params.id),
      ),
      own('GET', '/api/v1/accounts/:id/statuses', (_, request) => listStatuses(context, request)),
      own(
        'POST',
        '/api/v1/statuses',
        (person, request) => createStatus(context, person, request),
        posting,
      ),
      own('GET', '/api/v1/statuses', (_, request) => getStatuses(context, request)),
      own('GET', '/api/v1/statuses/:id', (_, request) => getStatus(context, request)),
      own('GET', '/api/v1/statuses/:id/source', (person, request) =>
        getSource(context, person, request),
      ),
      own(
        'POST',
        '/api/v1/statuses/:id/reblog',
        (person, request) => reblogStatus(context, person, request),
        posting,
      ),
      own('GET', '/api/v1/notifications', (person, request) =>
        listNotifications(context, person, request),
      ),
      own(
        'DELETE',
        '/api/v1/statuses/:id',
        (person, request) => removeStatus(context, person, request),
        deleting,
      ),
      own(
        'POST',
        '/api/v2/media',
        (person, request) => uploadMedia(context, person, request),
        uploading,
      ),
      own('GET', '/api/v1/media/:id', (person, request) => getMedia(context, person, request)),
      own('PUT', '/api/v1/media/:id', (person, request) => describeMedia(context, person, request)),
    ],
  };
}

function toOwnAccount(context: MastodonContext, person: MastodonPerson) {
  return {
    ...toAccount(context, person),
    source: {
      note: '',
      fields: [],
      privacy: 'public',
      sensitive: false,
      language: 'en',
      follow_requests_count: 0,
    },
    role: { id: '-99', name: '', permissions: '0', color: '', highlighted: false },
  };
}

function findAccount(
  context: MastodonContext,
  isRight: (person: MastodonPerson) => boolean,
): Answer {
  const person = context.world.people.find(
    (one): one is MastodonPerson => one.network === 'mastodon' && isRight(one),
  );
  return toJson(200, toAccount(context, person ?? denyMissing()));
}

/** The headers show whichever limit is closest. */
function limited(
  { world }: MastodonContext,
  rates: Rates,
  person: MastodonPerson,
  extra: Extra | undefined,
  handle: () => Answer,
): Answer {
  const quotas = [
    { name: 'requests', limit: 300, windowFor: 5 * minute },
    ...(extra ? [extra] : []),
  ].map(({ name, limit, windowFor }) =>
    rates.take(`mastodon ${personId(person)} ${name}`, limit, windowFor),
  );
  const over = quotas.find(({ isOver }) => isOver);
  if (over) return toTooMany(world.clock, over);
  const closest = quotas.reduce((a, b) => (b.remaining / b.limit < a.remaining / a.limit ? b : a));
  try {
    return withHeaders(handle(), rateHeaders(closest));
  } catch (error) {
    throw error instanceof Denied
      ? new Denied(withHeaders(error.answer, rateHeaders(closest)))
      : error;
  }
}
