import { minute } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  Denied,
  toJson,
  withHeaders,
  type Answer,
  type Api,
  type Incoming,
} from '../http/routing.ts';
import type { MastodonPerson, SandboxAccount } from '../world/network-rows.ts';
import type { Quota } from '../http/quotas.ts';
import { covers, type Tokens } from './access-tokens.ts';

export function toError(status: number, error: string): Answer {
  return toJson(status, { error });
}

export function deny(status: number, error: string): never {
  throw new Denied(toError(status, error));
}

export function denyMissing(): never {
  deny(404, 'Record not found');
}

/** The reset is ISO 8601 here, not epoch seconds. */
export function rateHeaders({ limit, remaining, resetAt }: Quota): Record<string, string> {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': new Date(resetAt).toISOString(),
  };
}

export function toTooMany(clock: Clock, quota: Quota): Answer {
  return withHeaders(toError(429, 'Too many requests'), {
    ...rateHeaders({ ...quota, remaining: 0 }),
    'retry-after': String(Math.max(1, Math.ceil((quota.resetAt - clock.now()) / 1000))),
  });
}

export function mastodonProblems(clock: Clock): Api['problems'] {
  return {
    notFound: () => toError(404, 'Record not found'),
    tooLarge: () => toError(413, 'Payload too large'),
    broken: () => toError(500, 'Something went wrong'),
    tooMany: () =>
      toTooMany(clock, {
        limit: 300,
        remaining: 0,
        resetAt: clock.now() + 5 * minute,
        isOver: true,
      }),
    unavailable: () =>
      toError(503, 'There was a temporary problem serving your request, please try again'),
  };
}

export function authenticateMastodon(
  people: SandboxAccount[],
  { headers }: Incoming,
  { tokens, scope }: { tokens: Tokens; scope: string },
): MastodonPerson {
  const token = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (!token) deny(401, 'This method requires an authenticated user');
  const bearer = tokens.find(people, token) ?? deny(401, 'The access token is invalid');
  if (!covers(bearer.scopes, scope)) deny(403, 'This action is outside the authorized scopes');
  return bearer.person;
}
