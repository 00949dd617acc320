import { readInstant } from '../../core/network/asked-wait.ts';
import { hour, type Instant, minute, second } from '../../core/time.ts';
import { type GetAnswer, GetError } from '../../io/guarded-get.ts';
import type { FeedState } from '../../ports/source.ts';

const firstBackoffFor = 5 * minute;
const maxBackoffFor = 6 * hour;
/** The longest wait that a feed may ask for: one wrong header must not silence it for a year. */
const maxWaitFor = 24 * hour;
export const lookEvery = 15 * minute;
export const maxBytes = 8 * 1024 * 1024;

export function succeeded(before: FeedState, waitFor: number, now: Instant): FeedState {
  const { error: _error, ...rest } = before;
  return { ...rest, failures: 0, checkedAt: now, nextAt: now + waitFor };
}

/** How long the feed is left alone: as it asks by its headers and its `ttl`, within our limits. */
export function waitOf(answer: GetAnswer, now: Instant, ttlFor = 0): number {
  const cacheControl = answer.headers['cache-control'] ?? '';
  const maxAge = /(?:^|[\s,])max-age\s*=\s*"?(\d+)/i.exec(cacheControl)?.[1] ?? 0;
  const retryFor = (retryAfter(answer, now) ?? now) - now;
  const asked = Math.max(Number(maxAge) * second, ttlFor, retryFor);
  return Math.max(lookEvery, Math.min(asked, maxWaitFor));
}

interface Failure {
  error: string;
  notBefore: Instant | undefined;
  now: Instant;
}

export function failed(before: FeedState, { error, notBefore, now }: Failure): FeedState {
  const failures = before.failures + 1;
  const backoff = Math.min(firstBackoffFor * 2 ** (failures - 1), maxBackoffFor);
  return {
    ...before,
    failures,
    checkedAt: now,
    error,
    nextAt: Math.max(now + backoff, Math.min(notBefore ?? 0, now + maxWaitFor)),
  };
}

export function retryAfter(answer: GetAnswer | undefined, now: Instant): Instant | undefined {
  return readInstant(answer?.headers['retry-after'], now);
}

const statusHints: Record<number, string> = {
  401: ' and does not let Dripline read the feed',
  403: ' and does not let Dripline read the feed',
  404: ', there is no such page: check the URL',
  410: ', the feed is gone for good: remove it from the configuration',
  429: ' because it was asked too often',
};

export const tellStatus = (status: number) =>
  `the server answered ${status}${statusHints[status] ?? ''}`;

export function tell(error: unknown): string {
  if (error instanceof GetError && error.kind === 'forbidden')
    return `${error.message}: set allowPrivate: true for this feed if it is your own`;
  if (error instanceof GetError && error.kind === 'too-large')
    return `the feed is larger than ${maxBytes / 1024 / 1024} MB`;
  return error instanceof Error ? error.message : String(error);
}
