import { isPostLink, type Link } from '../core/clicks/click.ts';
import { codePattern } from '../core/clicks/counted-link.ts';
import { minute, second } from '../core/time.ts';
import { within } from '../ports/deadline.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';

/** Where a code leads, ready to be sent. */
export type Known = Pick<Link, 'code' | 'delivery'> & {
  location: string;
  /** It stands in a message to one person. */
  isOfStep: boolean;
};

export interface KnownLinks {
  /** `absent`: there is no such link. `unknown`: the store cannot tell just now. */
  find(code: string): Known | 'absent' | Promise<Found>;
  /** Those that people most likely ask for, read beforehand. */
  warm(): Promise<void>;
}

export type Found = Known | 'absent' | 'unknown';

interface Parts {
  store: Pick<Store, 'findLink' | 'listLinks'>;
  clock: Pick<Clock, 'monotonic'>;
  signal: AbortSignal;
}

const mostKnown = 20_000;
const mostAbsent = 10_000;
const warmed = 2000;
/** Codes that do not exist are not asked for again so soon. */
const absentFor = minute;
/** More than so many questions at a time are turned away rather than put on the store. */
const mostAsked = 32;
const answerFor = 3 * second;

/**
 * Links in memory, and the store behind them: what was asked for once is answered without it, and
 * so also while it is away.
 */
export function openKnownLinks({ store, clock, signal }: Parts): KnownLinks {
  const known = new Map<string, Known>();
  const absent = new Map<string, number>();
  const asked = new Map<string, Promise<Found>>();
  const ask = async (code: string): Promise<Found> => {
    try {
      const link = await within({ signal, limitFor: answerFor }, () => store.findLink(code));
      const found = link && toKnown(link);
      // What holds something of a person is forgotten with the person.
      if (link && 'bare' in link) return found ?? 'absent';
      if (found) keep(known, { key: code, value: found, most: mostKnown });
      else keep(absent, { key: code, value: clock.monotonic() + absentFor, most: mostAbsent });
      return found ?? 'absent';
    } catch {
      return 'unknown';
    } finally {
      asked.delete(code);
    }
  };
  return {
    find(code) {
      if (!codePattern.test(code)) return 'absent';
      const found = known.get(code);
      if (found) return found;
      if ((absent.get(code) ?? -Infinity) > clock.monotonic()) return 'absent';
      const before = asked.get(code);
      if (before) return before;
      if (asked.size >= mostAsked) return Promise.resolve('unknown');
      const answer = ask(code);
      asked.set(code, answer);
      return answer;
    },
    async warm() {
      for (const link of (await store.listLinks({ newest: warmed })).toReversed()) {
        const found = 'bare' in link ? undefined : toKnown(link);
        if (found) keep(known, { key: link.code, value: found, most: mostKnown });
      }
    },
  };
}

/** Only what a browser may be led to, as a header can say it. */
function toKnown(link: Link): Known | undefined {
  const { code, delivery, target } = link;
  if (!URL.canParse(target)) return undefined;
  const { protocol, href } = new URL(target);
  return /^https?:$/.test(protocol)
    ? { code, delivery, location: href, isOfStep: !isPostLink(link) }
    : undefined;
}

interface Kept<T> {
  key: string;
  value: T;
  most: number;
}

/** The oldest makes room. */
function keep<T>(map: Map<string, T>, { key, value, most }: Kept<T>): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}
