import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { day, type Instant, minute } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import { openPrivateFile } from './private-file.ts';

/** Not used for a week, or a month old: it ends. */
const idleFor = 7 * day;
const lastsFor = 30 * day;
/** How exactly it is kept when a session was used last. */
const touchEvery = 10 * minute;
const mostSessions = 200;

interface Session {
  createdAt: Instant;
  seenAt: Instant;
}

/** Who has logged in. Kept over restarts by the hashes of their cookies, which are no secrets. */
export interface Sessions {
  /** A new one's cookie. */
  begin(): Promise<string>;
  isGood(cookie: string | undefined): boolean;
  end(cookie: string): Promise<void>;
}

export interface SessionOptions {
  clock: Clock;
  dataFolder?: string | undefined;
  /** Of the door: sessions of an earlier password are over. */
  tag: string;
  warn?: ((text: string) => void) | undefined;
}

export async function openSessions({
  clock,
  dataFolder,
  tag,
  warn,
}: SessionOptions): Promise<Sessions> {
  const file = openPrivateFile(
    dataFolder === undefined ? undefined : join(dataFolder, 'web', 'sessions.json'),
  );
  const sessions = parseKept(await file.read(), tag);
  let writing: Promise<void> = Promise.resolve();
  const save = () => {
    for (const [hash, one] of sessions) if (!isAlive(one, clock.now())) sessions.delete(hash);
    // Maps keep the order of logins: the oldest go.
    for (const hash of [...sessions.keys()].slice(0, -mostSessions)) sessions.delete(hash);
    const wanted = writing.then(() => file.write({ tag, sessions: Object.fromEntries(sessions) }));
    writing = wanted.catch((error: unknown) =>
      warn?.(`who is logged in is forgotten at the next start: ${(error as Error).message}`),
    );
    return writing;
  };
  return {
    async begin() {
      const cookie = randomBytes(32).toString('base64url');
      sessions.set(hashOf(cookie), { createdAt: clock.now(), seenAt: clock.now() });
      await save();
      return cookie;
    },
    isGood(cookie) {
      const one = cookie === undefined ? undefined : sessions.get(hashOf(cookie));
      if (!one || !isAlive(one, clock.now())) return false;
      if (clock.now() - one.seenAt > touchEvery) {
        one.seenAt = clock.now();
        void save();
      }
      return true;
    },
    async end(cookie) {
      sessions.delete(hashOf(cookie));
      await save();
    },
  };
}

const isAlive = ({ createdAt, seenAt }: Session, now: Instant) =>
  now - seenAt < idleFor && now - createdAt < lastsFor;

const hashOf = (cookie: string) => createHash('sha256').update(cookie).digest('hex');

function parseKept(value: unknown, tag: string): Map<string, Session> {
  const kept = (value ?? {}) as { tag?: unknown; sessions?: Record<string, Partial<Session>> };
  if (kept.tag !== tag || typeof kept.sessions !== 'object') return new Map();
  return new Map(
    Object.entries(kept.sessions).flatMap(([hash, { createdAt, seenAt }]): [string, Session][] =>
      typeof createdAt === 'number' && typeof seenAt === 'number'
        ? [[hash, { createdAt, seenAt }]]
        : [],
    ),
  );
}
