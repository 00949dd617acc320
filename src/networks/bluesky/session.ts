import { AsyncLocalStorage } from 'node:async_hooks';
import type { Agent, CredentialSession } from '@atproto/api';
import type { BlueskyAccount } from '../../core/network/account.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { minute, type Instant } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import { within } from '../../ports/deadline.ts';
import { PublishError } from '../../ports/publisher.ts';
import { isExpired, toBlueskyError } from './errors.ts';
import { unlimited } from '../moving-media.ts';
import { retried, type Telling, toForeignError } from '../publish-error.ts';
import type { Deps } from '../publisher-deps.ts';
import { fieldsOf } from '../stored-payload.ts';
import { type KeptSession, openSessionFile, type SessionFile } from '../session-file.ts';
import type { Self } from './reads.ts';

export interface BlueskySession {
  isSignedIn(): boolean;
  /**
   * Logs in where needed, and once more when the session has expired. Throws PublishError, or what
   * `mayOpen` threw.
   */
  run<T>(work: (agent: Agent, who: Self) => Promise<T>, call: BlueskyCall): Promise<T>;
}

export interface BlueskyCall {
  signal: AbortSignal;
  /** Asked right before a socket opens for what posts. */
  mayOpen?: () => void;
  /**
   * Its body is a file, which ends it by its own progress. A redirect is an error then: for any
   * other answer to one, fetch would keep a copy of all that it has sent.
   */
  isFile?: true;
}

interface Opening extends BlueskyCall {
  refusal?: unknown;
}

const opening = new AsyncLocalStorage<Opening>();

/**
 * A login counts against 30 in five minutes and 300 a day, so one that failed is not repeated at
 * once.
 */
const holdOffFor = 10 * minute;

export async function openBlueskySession(
  account: BlueskyAccount,
  deps: Deps,
): Promise<BlueskySession> {
  const { Agent, CredentialSession } = await import('@atproto/api');
  const file = openSessionFile(deps.dataFolder, account.name);
  const session: CredentialSession = new CredentialSession(
    new URL(account.baseUrl),
    guardFetch(deps.timeoutFor, () => telling()),
    (event, data) => {
      if (event === 'expired') file.remove();
      if (data && (event === 'create' || event === 'update'))
        file.write(toKept(account, session, data));
    },
  );
  // After a login the client moves to the server that the DID document names; a pinned account does
  // not.
  if (account.isPinned)
    Object.defineProperty(session, 'pdsUrl', { get: () => undefined, set() {} });
  const agent = new Agent(session as ConstructorParameters<typeof Agent>[0]);
  const telling = (): Telling => ({
    network: 'bluesky',
    now: deps.clock.now(),
    secrets: secretsOf(account, session),
  });
  const login = openLogin({ account, clock: deps.clock, session, file, telling });
  return {
    isSignedIn: () => session.session !== undefined,
    async run(work, call) {
      const mine: Opening = { ...call };
      if (call.signal.aborted)
        throw new PublishError('not-sent', 'stopped before anything was sent to Bluesky');
      try {
        return await opening.run(mine, () =>
          attempt({ session, login }, (who) => work(agent, who)),
        );
      } catch (error) {
        throw mine.refusal ?? toBlueskyError(error, telling());
      }
    },
  };
}

function toKept(
  { baseUrl, handle: login }: BlueskyAccount,
  { pdsUrl }: CredentialSession,
  { did, handle, accessJwt, refreshJwt, active }: KeptSession['session'],
): KeptSession {
  return {
    service: baseUrl,
    login,
    ...pickDefined({ pdsUrl: pdsUrl?.href }),
    session: { did, handle, accessJwt, refreshJwt, active },
  };
}

const secretsOf = ({ password }: BlueskyAccount, { session }: CredentialSession): string[] => [
  password,
  session?.accessJwt ?? '',
  session?.refreshJwt ?? '',
];

interface Login {
  /** Resumes the session that is kept, or logs in. */
  ensure(): Promise<void>;
  /** Unless the session has another refresh token already. */
  renew(token: string | undefined): Promise<void>;
}

interface LoginContext {
  account: BlueskyAccount;
  clock: Clock;
  session: CredentialSession;
  file: SessionFile;
  telling(): Telling;
}

/** One login at a time, however many calls wait for it. */
function openLogin(context: LoginContext): Login {
  const { session, clock, account } = context;
  let pending: Promise<void> | undefined;
  let failed: { until: Instant; error: PublishError } | undefined;
  async function login(): Promise<void> {
    if (failed && clock.now() < failed.until) throw failed.error;
    try {
      await session.login({ identifier: account.handle, password: account.password });
      failed = undefined;
    } catch (thrown) {
      const error = toLoginError(toBlueskyError(thrown, context.telling()));
      if (error.kind === 'signed-out') failed = { until: clock.now() + holdOffFor, error };
      if (error.kind === 'wait') failed = { until: error.until ?? clock.now() + minute, error };
      throw error;
    }
  }
  const once = (work: () => Promise<void>) =>
    (pending ??= work().finally(() => {
      pending = undefined;
    }));
  return {
    async ensure() {
      if (pending || !session.session)
        await once(async () => (resume(context) ? undefined : login()));
    },
    // The client may have renewed the session: access tokens of one second are alike, and refresh
    // tokens are not.
    renew: (token) =>
      once(async () =>
        session.session && session.session.refreshJwt !== token ? undefined : login(),
      ),
  };
}

/** A login that is refused needs another credential; one that got lost is harmless. */
function toLoginError(error: PublishError): PublishError {
  const { kind, said, status, message, cause } = error;
  if (kind === 'signed-out' || kind === 'wait') return error;
  if (kind === 'refused') return new PublishError('signed-out', message, { status, cause });
  return new PublishError('not-sent', said, { status, advice: retried, cause });
}

function resume({ account, session, file }: LoginContext): boolean {
  const kept = file.read();
  if (!kept || kept.service !== account.baseUrl || kept.login !== account.handle) return false;
  session.session = { ...kept.session };
  if (kept.pdsUrl && !account.isPinned) session.pdsUrl = new URL(kept.pdsUrl);
  return true;
}

/** Once more with a new login, where the session has expired. */
async function attempt<T>(
  { session, login }: { session: CredentialSession; login: Login },
  work: (who: Self) => Promise<T>,
  mayRenew = true,
): Promise<T> {
  await login.ensure();
  const { did = '', handle = '', refreshJwt } = session.session ?? {};
  try {
    return await work({ did, handle });
  } catch (error) {
    // A page in front of the server says nothing about the session.
    const isForeign = opening.getStore()?.refusal !== undefined;
    if (!mayRenew || isForeign || !isExpired(error)) throw error;
    await login.renew(refreshJwt);
    return attempt({ session, login }, work, false);
  }
}

const posting = /\/xrpc\/(com\.atproto\.repo\.putRecord|chat\.bsky\.convo\.sendMessage)/;

/** The session's own calls take no signal, so every request gets the caller's, and an end. */
function guardFetch(timeoutFor: number, telling: () => Telling): typeof globalThis.fetch {
  return async (input, init) => {
    const call = opening.getStore();
    const url = input instanceof Request ? input.url : String(input);
    if (posting.test(url)) {
      try {
        call?.mayOpen?.();
      } catch (error) {
        if (call) call.refusal = error;
        throw error;
      }
    }
    return within(
      {
        signal: call?.signal ?? init?.signal ?? undefined,
        limitFor: call?.isFile ? unlimited : timeoutFor,
      },
      async (signal) => {
        // Followed, a POST would become a GET without its session.
        const redirect = call?.isFile ? 'error' : 'manual';
        const response = await fetch(input, { ...init, signal, redirect });
        // Read here, so that the limit holds for the whole of the answer.
        const body = await response.arrayBuffer();
        const foreign = findForeign(response, body, telling());
        if (foreign) {
          if (call) call.refusal = foreign;
          throw foreign;
        }
        return new Response(body.byteLength ? body : null, {
          status: response.status,
          statusText: response.statusText,
          headers: response.headers,
        });
      },
    );
  };
}

/** The client tells pages and redirects as errors of this API. */
function findForeign(
  { status, headers }: Response,
  body: ArrayBuffer,
  telling: Telling,
): PublishError | undefined {
  if (status < 300 || status >= 500) return undefined;
  const text = new TextDecoder().decode(body);
  const isParsed = isXrpcError(text);
  return toForeignError(
    { status, header: (name) => headers.get(name) ?? undefined, text, isParsed },
    telling,
  );
}

function isXrpcError(text: string): boolean {
  try {
    return typeof fieldsOf(JSON.parse(text)).error === 'string';
  } catch {
    return false;
  }
}
