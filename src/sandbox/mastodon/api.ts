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
import type { Quota, Rates } from '../http/quotas.ts';
import { consentRoutes } from './consents.ts';
import { createTokens, type Tokens } from './access-tokens.ts';

interface Extra {
  name: string;
  limit: number;
  windowFor: number;
}

const posting: Extra = { name: 'statuses', limit: 300, windowFor: 3 * hour };
const uploading: Extra = { name: 'media', limit: 30, windowFor: 30 * minute };
const deleting: Extra = { name: 'deletes', limit: 30, windowFor: 30 * minute };

interface Context extends MastodonContext {
  rates: Rates;
  tokens: Tokens;
}

type Handle = (context: Context, person: MastodonPerson, request: Incoming) => Answer;

interface Own {
  handle: Handle;
  /** A limit of its own, beside that of all requests. */
  extra?: Extra;
}

/** For everyone. */
const open = (path: string, handle: (request: Incoming) => Answer): Route => ({
  method: 'GET',
  path,
  handle,
});

/** For whoever has a token. */
function own(context: Context, line: string, { handle, extra }: Own): Route {
  const [method = '', path = ''] = line.split(' ');
  return {
    method,
    path,
    handle(request) {
      const { tokens, world } = context;
      const scope = scopeOf(method, path);
      const person = authenticateMastodon(world.people, request, { tokens, scope });
      const quota = takeQuota(context, person, extra);
      if (quota.isOver) return toTooMany(context.world.clock, quota);
      return limited(quota, () => handle(context, person, request));
    },
  };
}

/** What a token has to be for. */
function scopeOf(method: string, path: string): string {
  if (path.endsWith('/verify_credentials')) return 'profile';
  const kind = method === 'GET' ? 'read' : 'write';
  if (path.includes('/media')) return 'write:media';
  return path.endsWith('/notifications') ? `${kind}:notifications` : `${kind}:statuses`;
}

/**
 * One instance of Mastodon 4.6, as far as publishing and measuring see it. Limits are those of its
 * rack_attack and rate_limiter.
 */
export function createMastodonApi(shared: MastodonContext, rates: Rates): Api {
  const tokens = createTokens();
  const context = { ...shared, rates, tokens };
  return {
    name: 'mastodon',
    maxBody: 17 * 1024 * 1024,
    problems: mastodonProblems(shared.world.clock),
    routes: [
      ...openRoutes(context),
      ...consentRoutes(shared.world, rates, tokens),
      ...accountRoutes(context),
      ...statusRoutes(context),
    ],
  };
}

const hostOf = ({ headers }: Incoming) => headers.host ?? '';

const openRoutes = (context: Context): Route[] => [
  open('/api/v2/instance', (request) => toJson(200, toInstance(context, hostOf(request)))),
  open('/api/v1/instance', (request) => toJson(200, toOldInstance(context, hostOf(request)))),
];

const accountRoutes = (context: Context): Route[] => [
  own(context, 'GET /api/v1/accounts/verify_credentials', {
    handle: (_, person) => toJson(200, toOwnAccount(context, person)),
  }),
  open('/api/v1/accounts/lookup', ({ query }) =>
    findAccount(context, ({ handle }) => handle === query.get('acct')),
  ),
  open('/api/v1/accounts/:id', ({ params }) =>
    findAccount(context, (person) => personId(person) === params.id),
  ),
  own(context, 'GET /api/v1/accounts/:id/statuses', {
    handle: (_, _person, request) => listStatuses(context, request),
  }),
  own(context, 'GET /api/v1/notifications', { handle: listNotifications }),
];

const statusRoutes = (context: Context): Route[] => [
  own(context, 'POST /api/v1/statuses', { handle: createStatus, extra: posting }),
  own(context, 'GET /api/v1/statuses', {
    handle: (_, _person, request) => getStatuses(context, request),
  }),
  own(context, 'GET /api/v1/statuses/:id', {
    handle: (_, _person, request) => getStatus(context, request),
  }),
  own(context, 'GET /api/v1/statuses/:id/source', { handle: getSource }),
  own(context, 'POST /api/v1/statuses/:id/reblog', { handle: reblogStatus, extra: posting }),
  own(context, 'DELETE /api/v1/statuses/:id', { handle: removeStatus, extra: deleting }),
  {
    ...own(context, 'POST /api/v2/media', { handle: uploadMedia, extra: uploading }),
    maxBody: 104 * 1024 * 1024,
  },
  own(context, 'GET /api/v1/media/:id', { handle: getMedia }),
  own(context, 'PUT /api/v1/media/:id', { handle: describeMedia }),
];

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

/** Whichever limit is closest, or passed. */
function takeQuota({ rates }: Context, person: MastodonPerson, extra: Extra | undefined): Quota {
  const all: Extra = { name: 'requests', limit: 300, windowFor: 5 * minute };
  const quotas = (extra ? [all, extra] : [all]).map(({ name, ...rule }) =>
    rates.take(`mastodon ${personId(person)} ${name}`, rule),
  );
  return (
    quotas.find(({ isOver }) => isOver) ??
    quotas.reduce((a, b) => (b.remaining / b.limit < a.remaining / a.limit ? b : a))
  );
}

function limited(quota: Quota, handle: () => Answer): Answer {
  const headers = rateHeaders(quota);
  try {
    return withHeaders(handle(), headers);
  } catch (error) {
    throw error instanceof Denied ? new Denied(withHeaders(error.answer, headers)) : error;
  }
}
