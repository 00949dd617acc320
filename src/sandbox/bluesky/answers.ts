import { minute } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import { Denied, toJson, withHeaders, type Answer, type Api } from '../http/routing.ts';
import type { Quota } from '../http/quotas.ts';

export function toError(status: number, error: string, message: string): Answer {
  return toJson(status, { error, message });
}

export function deny(error: string, message: string, status = 400): never {
  throw new Denied(toError(status, error, message));
}

export function rateHeaders(
  { limit, remaining, resetAt }: Quota,
  windowFor: number,
): Record<string, string> {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(Math.ceil(resetAt / 1000)),
    'ratelimit-policy': `${limit};w=${windowFor / 1000}`,
  };
}

export function toTooMany(clock: Clock, quota: Quota, windowFor: number): Answer {
  return withHeaders(toError(429, 'RateLimitExceeded', 'Rate Limit Exceeded'), {
    ...rateHeaders(quota, windowFor),
    'retry-after': String(Math.max(1, Math.ceil((quota.resetAt - clock.now()) / 1000))),
  });
}

export function blueskyProblems(clock: Clock): Api['problems'] {
  return {
    notFound: ({ path }) =>
      path.startsWith('/xrpc/')
        ? toError(501, 'MethodNotImplemented', 'Method Not Implemented')
        : toError(404, 'NotFound', 'Not Found'),
    tooLarge: () => toError(413, 'PayloadTooLarge', 'request entity too large'),
    broken: () => toError(500, 'InternalServerError', 'Internal Server Error'),
    tooMany: () =>
      toTooMany(
        clock,
        { limit: 3000, remaining: 0, resetAt: clock.now() + 5 * minute, isOver: true },
        5 * minute,
      ),
    unavailable: () => toError(503, 'NotEnoughResources', 'Service Unavailable'),
  };
}
