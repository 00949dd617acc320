import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { day, type Instant, minute } from '../../core/time.ts';
import { type Clock, reallyFor } from '../../ports/clock.ts';
import { openPrivateFile, type PrivateFile } from './private-file.ts';

/** A session ends after a week without use, and after a month in any case. */
const idleFor = 7 * day;
const lastsFor = 30 * day;
/** How precisely the last use of a session is stored. */
const touchEvery = 10 * minute;
const mostSessions = 200;

interface Session {
  createdAt: Instant;
  seenAt: Instant;
}

/** Who is logged in. Restarts keep the hashes of the cookies, which are not secret. */
export interface Sessions {
  /** Returns the cookie of a new session. */
  begin(): Promise<string>;
  isGood(cookie: string | undefined): boolean;
  end(cookie: string): Promise<void>;
}

export interface SessionOptions {
  clock: Clock;
  dataFolder?: string | undefined;
  /** Of the door. Sessions of an earlier password are no longer valid. */
  tag: string;
  warn?: ((text: string) => void) | undefined;
}

export async function openSessions(options: SessionOptions): Promise<Sessions> {
  const { dataFolder, tag } = options;
  const now = () => reallyFor(options.clock, options.clock.now());
  const file = openPrivateFile(
    dataFolder === undefined ? undefined : join(dataFolder, 'web', 'sessions.json'),
  );
  const sessions = parseKept(await file.read(), tag);
  const save = openSaver({ ...options, now }, file, sessions);
  return {
    async begin() {
      const cookie = randomBytes(32).toString('base64url');
      sessions.set(hashOf(cookie), { createdAt: now(), seenAt: now() });
      await save();
      return cookie;
    },
    isGood(cookie) {
      const one = cookie === undefined ? undefined : sessions.get(hashOf(cookie));
      if (!one || !isAlive(one, now())) return false;
      if (now() - one.seenAt > touchEvery) {
        one.seenAt = now();
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

/** Saves drop sessions that ended, and run one after another. */
function openSaver(
  { now, tag, warn }: SessionOptions & { now: () => Instant },
  file: PrivateFile,
  sessions: Map<string, Session>,
): () => Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  return () => {
    for (const [hash, one] of sessions) if (!isAlive(one, now())) sessions.delete(hash);
    // A Map keeps the order of logins, so the oldest are dropped.
    for (const hash of [...sessions.keys()].slice(0, -mostSessions)) sessions.delete(hash);
    const wanted = writing.then(() => file.write({ tag, sessions: Object.fromEntries(sessions) }));
    writing = wanted.catch((error: unknown) =>
      warn?.(`logins will be lost at the next start: ${(error as Error).message}`),
    );
    return writing;
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
