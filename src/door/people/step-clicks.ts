import { createHash } from 'node:crypto';
import type { ClickKind } from '../../core/clicks/click.ts';
import type { StepClick } from '../../core/clicks/step-click.ts';
import { second } from '../../core/time.ts';
import { within } from '../../ports/deadline.ts';
import type { Clock } from '../../ports/clock.ts';
import { openBursts, type Waiting } from '../bursts.ts';
import type { Client } from '../click-counter.ts';

export interface StepHit {
  dispatch: string;
  code: string;
  url: string;
  kind: ClickKind;
  client?: Client | undefined;
}

/** Clicks on links of messages to single people, until they are judged and taken in. */
export interface StepClicks extends AsyncDisposable {
  hit(hit: StepHit): void;
  /** A page was read behind it. */
  visit(hit: StepHit): void;
  /** The page behind another link of the message was opened: that counts towards a burst. */
  look(dispatch: string): void;
  flush(): Promise<void>;
}

interface Parts {
  clock: Clock;
  take(clicks: readonly StepClick[]): Promise<void>;
  warn(text: string): void;
  burstFor?: number | undefined;
  flushEvery?: number | undefined;
}

type Held = Waiting & Partial<StepClick>;

const mostKept = 20_000;
const mostAtOnce = 500;
const lastTryFor = 5 * second;

/** Nothing is written before it is known what came with it; what cannot be written yet is kept. */
export function openStepClicks(parts: Parts): StepClicks {
  const { clock, burstFor = 10 * second, flushEvery = 5 * second } = parts;
  const kept: StepClick[] = [];
  const bursts = openBursts<Held>(({ kind, dispatch, code, url, at, isVisit }) => {
    if (dispatch === undefined || url === undefined || at === undefined) return;
    if (kept.length < mostKept) kept.push({ dispatch, code, url, at, kind, isVisit });
  });
  const write = openWriting(kept, parts);
  const flush = (until: number) => {
    bursts.settle(until);
    return write();
  };
  const timer = setInterval(
    () => void flush(clock.monotonic() - burstFor),
    Math.min(flushEvery, Math.max(50, burstFor)),
  ).unref();
  const put = ({ client, ...hit }: StepHit, more: { code?: string; isVisit?: true } = {}) => {
    const by = client && digest(`${client.address} ${client.agent}`);
    const [at, since] = [clock.now(), clock.monotonic()];
    bursts.put({ ...hit, ...more, at, since, client: by, message: hit.dispatch });
  };
  return {
    hit: (hit) => put(hit),
    visit: (hit) => put(hit, { code: '', isVisit: true }),
    look: (message) =>
      bursts.put({ kind: 'machine', code: '/u', message, since: clock.monotonic() }),
    flush: () => flush(clock.monotonic() - burstFor),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      const { signal } = new AbortController();
      await within({ signal, limitFor: lastTryFor }, () => flush(Infinity)).catch(() => undefined);
    },
  };
}

/** It is in memory for seconds alone. */
const digest = (text: string) => createHash('sha256').update(text).digest('base64').slice(0, 16);

function openWriting(kept: StepClick[], { take, warn }: Parts): () => Promise<void> {
  let isWarned = false;
  let running: Promise<void> = Promise.resolve();
  const write = async () => {
    while (kept.length > 0) {
      const some = kept.slice(0, mostAtOnce);
      try {
        await take(some);
      } catch (error) {
        if (!isWarned) warn(`clicks cannot be written yet, and are kept: ${String(error)}`);
        isWarned = true;
        return;
      }
      isWarned = false;
      kept.splice(0, some.length);
    }
  };
  return () => (running = running.then(write));
}
