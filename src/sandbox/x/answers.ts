import { hour } from '../../core/time.ts';
import { Denied, toJson, withHeaders, type Answer, type Api } from '../http/routing.ts';
import type { Clock } from '../../ports/clock.ts';

interface Problem {
  title: string;
  detail: string;
  type?: string;
  errors?: unknown[];
}

export function toProblem(status: number, problem: Problem): Answer {
  return withHeaders(toJson(status, { type: 'about:blank', status, ...problem }), {
    'content-type': 'application/problem+json',
  });
}

export function denyNotFound(what: string): never {
  throw new Denied(toProblem(404, { title: 'Not Found Error', detail: `Could not find ${what}.` }));
}

/** A problem that says no more than its title. */
const toBare = (status: number, title: string): Answer =>
  toProblem(status, { title, detail: title });

export const tooMany = (): Answer => toBare(429, 'Too Many Requests');

export const notDefined = (where: string): string =>
  `${where}: is not defined in the schema and the schema does not allow additional properties.`;

/** X's words for a body or a parameter that it does not take. */
export function denyInvalid(message: string, parameters: Record<string, string[]> = {}): never {
  throw new Denied(
    toProblem(400, {
      title: 'Invalid Request',
      detail: 'One or more parameters to your request was invalid.',
      type: 'https://api.x.com/2/problems/invalid-request',
      errors: [{ parameters, message }],
    }),
  );
}

export function denyForbidden(detail: string): never {
  throw new Denied(toProblem(403, { title: 'Forbidden', detail }));
}

export function denyUnauthorized(): never {
  throw new Denied(toBare(401, 'Unauthorized'));
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
    notFound: ({ path }) =>
      toProblem(404, { title: 'Not Found', detail: `There is nothing at ${path}.` }),
    tooLarge: () =>
      toProblem(413, {
        title: 'Payload Too Large',
        detail: 'The request is larger than the limit.',
      }),
    broken: () =>
      toProblem(500, { title: 'Internal Server Error', detail: 'Something went wrong.' }),
    tooMany: () => toTooMany(100, clock.now() + hour / 4),
    unavailable: () => toBare(503, 'Service Unavailable'),
  };
}

export function toTooMany(limit: number, resetAt: number): Answer {
  return withHeaders(tooMany(), rateHeaders(limit, 0, resetAt));
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
