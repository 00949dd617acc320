import { hour } from '../../core/time.ts';
import { Denied, toJson, withHeaders, type Answer, type Api } from '../http/routing.ts';
import type { Clock } from '../../ports/clock.ts';

export function toProblem(
  status: number,
  title: string,
  detail: string,
  more: Record<string, unknown> = {},
): Answer {
  return withHeaders(toJson(status, { title, type: 'about:blank', status, detail, ...more }), {
    'content-type': 'application/problem+json',
  });
}

/** X's words for a body or a parameter that it does not take. */
export function denyInvalid(message: string, parameters: Record<string, string[]> = {}): never {
  throw new Denied(
    toProblem(400, 'Invalid Request', 'One or more parameters to your request was invalid.', {
      type: 'https://api.x.com/2/problems/invalid-request',
      errors: [{ parameters, message }],
    }),
  );
}

export function denyForbidden(detail: string): never {
  throw new Denied(toProblem(403, 'Forbidden', detail));
}

export function denyUnauthorized(): never {
  throw new Denied(toProblem(401, 'Unauthorized', 'Unauthorized'));
}

/** Stands in `errors` of a 200 when one of several is missing, and alone in a 404. */
export function toMissing(
  parameter: string,
  id: string,
  resource = 'tweet',
): Record<string, unknown> {
  return {
    value: id,
    detail: `Could not find ${resource} with ${parameter}: [${id}].`,
    title: 'Not Found Error',
    resource_type: resource,
    parameter,
    resource_id: id,
    type: 'https://api.x.com/2/problems/resource-not-found',
  };
}

export function xProblems(clock: Clock): Api['problems'] {
  return {
    notFound: ({ path }) => toProblem(404, 'Not Found', `There is nothing at ${path}.`),
    tooLarge: () => toProblem(413, 'Payload Too Large', 'The request is larger than the limit.'),
    broken: () => toProblem(500, 'Internal Server Error', 'Something went wrong.'),
    tooMany: () => toTooMany(100, clock.now() + hour / 4),
    unavailable: () => toProblem(503, 'Service Unavailable', 'Service Unavailable'),
  };
}

export function toTooMany(limit: number, resetAt: number): Answer {
  return withHeaders(
    toProblem(429, 'Too Many Requests', 'Too Many Requests'),
    rateHeaders(limit, 0, resetAt),
  );
}

export function rateHeaders(
  limit: number,
  remaining: number,
  resetAt: number,
): Record<string, string> {
  return {
    'x-rate-limit-limit': String(limit),
    'x-rate-limit-remaining': String(remaining),
    'x-rate-limit-reset': String(Math.ceil(resetAt / 1000)),
  };
}
