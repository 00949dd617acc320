import type { ClickKind } from '../core/clicks/click.ts';
import { burstLinks, quickFor } from '../core/clicks/judge-click.ts';

/** A hit that waits until it is known what came with it. */
export interface Waiting {
  kind: ClickKind;
  /** The link; empty: it is only judged by what is opened beside it. */
  code: string;
  /** Who opened it: whoever opens many at once looks at none of them. */
  client?: string | undefined;
  /** In which message it is: of one, two links within a moment are enough. */
  message?: string | undefined;
  /** On the monotonic clock. */
  since: number;
}

interface Recent<T> {
  /** How often, and when last. */
  codes: Map<string, { count: number; lastAt: number }>;
  hits: Set<T>;
  isBurst: boolean;
}

const mostWaiting = 20_000;

/** Several links that are opened at once are told by what comes after: each hit waits for it. */
export function openBursts<T extends Waiting>(settled: (hit: T) => void) {
  let waiting: T[] = [];
  const all = new Map<string, Recent<T>>();
  return {
    put(hit: T): void {
      if (waiting.length >= mostWaiting) return settled(hit);
      waiting.push(hit);
      for (const [key, quick] of keysOf(hit)) note(all, { key, hit, quick });
    },
    settle(until: number): void {
      const first = waiting.findIndex(({ since }) => since > until);
      const ready = first < 0 ? waiting : waiting.slice(0, first);
      if (ready.length === 0) return;
      waiting = first < 0 ? [] : waiting.slice(first);
      for (const hit of ready) {
        for (const [key] of keysOf(hit)) leave(all, key, hit);
        settled(hit);
      }
    },
  };
}

/** What it is looked at by, and how soon after another link that is a burst already. */
const keysOf = ({ client, message }: Waiting): [key: string, quick: number][] => [
  ...(client === undefined ? [] : [[`by ${client}`, -1] as [string, number]]),
  ...(message === undefined ? [] : [[`of ${message}`, quickFor] as [string, number]]),
];

interface Noting<T> {
  key: string;
  hit: T;
  quick: number;
}

function note<T extends Waiting>(
  all: Map<string, Recent<T>>,
  { key, hit, quick }: Noting<T>,
): void {
  const recent: Recent<T> = all.get(key) ?? {
    codes: new Map(),
    hits: new Set(),
    isBurst: false,
  };
  all.set(key, recent);
  recent.hits.add(hit);
  const wasBurst = recent.isBurst;
  if (hit.code !== '') noteCode(recent, hit, quick);
  if (!recent.isBurst) return;
  for (const one of wasBurst ? [hit] : recent.hits) if (one.kind === 'person') one.kind = 'unsure';
}

function noteCode<T extends Waiting>(recent: Recent<T>, hit: T, quick: number): void {
  const { codes } = recent;
  const { count = 0 } = codes.get(hit.code) ?? {};
  codes.set(hit.code, { count: count + 1, lastAt: hit.since });
  recent.isBurst ||= codes.size >= burstLinks;
  if (quick < 0 || recent.isBurst) return;
  for (const [code, { lastAt }] of codes)
    recent.isBurst ||= code !== hit.code && hit.since - lastAt <= quick;
}

function leave<T extends Waiting>(all: Map<string, Recent<T>>, key: string, hit: T): void {
  const recent = all.get(key);
  if (!recent) return;
  recent.hits.delete(hit);
  const code = recent.codes.get(hit.code);
  if (code && (code.count -= 1) <= 0) recent.codes.delete(hit.code);
  if (recent.hits.size === 0) all.delete(key);
}
