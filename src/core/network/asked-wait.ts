import { type Instant, minute, second } from '../time.ts';

/**
 * The end of a wait that another side asks for: seconds, an epoch in seconds or milliseconds, or a
 * date.
 */
export function readInstant(value: string | undefined, now: Instant): Instant | undefined {
  // A header that was sent twice arrives as a list.
  const text = value?.slice(0, 100).replace(/^\s*(\d+(\.\d+)?)\s*,.*$/, '$1') ?? '';
  if (text.trim() === '') return undefined;
  const number = Number(text);
  if (Number.isFinite(number)) return toInstant(number, now);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : withGrace(at);
}

/** A small number is a distance in seconds, a large one an epoch in seconds or milliseconds. */
function toInstant(number: number, now: Instant): Instant {
  if (number < 1_000_000_000) return Math.ceil(now + number * second);
  return withGrace(Math.ceil(number < 100_000_000_000 ? number * second : number));
}

const withGrace = (at: Instant): Instant => (at % second === 0 ? at + second : at);

/** Asked again after so long, whoever still wants us to wait says so again. */
const longestAskedWait = 10 * minute;

/** Milliseconds that a chat wants us to wait, in whatever unit it says so. 0: it does not say. */
export function readAskedWait(value: string | number | undefined, now: Instant): number {
  const at = readInstant(value === undefined ? undefined : String(value), now) ?? now;
  return Math.min(Math.max(0, at - now), longestAskedWait);
}
