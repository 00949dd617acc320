import { AsyncLocalStorage } from 'node:async_hooks';
import type { Agent, CredentialSession } from '@atproto/api';
import type { BlueskyAccount } from '../../core/network/account.ts';
import { minute, type Instant } from '../../core/time.ts';
import { within } from '../../ports/deadline.ts';
import { PublishError } from '../../ports/publisher.ts';
import { isExpired, toBlueskyError } from './errors.ts';
import type { Telling } from '../publish-error.ts';
import type { Deps } from '../publisher-deps.ts';
import { openSessionFile } from '../session-file.ts';

export interface BlueskySession {
  /**
   * Logs in where needed, and once more when the session has expired. Throws PublishError, or what
   * `mayOpen` threw.
   */
  run<T>(
    work: (agent: Agent, who: { did: string; handle: string }) => Promise<T>,
    call: BlueskyCall,
  ): Promise<T>;
}

export interface BlueskyCall {
  signal: AbortSignal;
  /** Asked right before a socket opens for putRecord. */
  mayOpen?: () => void;
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
  const { clock, dataFolder, timeoutFor } = deps;
  const file = openSessionFile(dataFolder, account.name);
  const telling = (): Telling => ({
    network: 'bluesky',
    now: clock.now(),
    secrets: [
      account.password,
      session.session?.accessJwt ?? '',
      session.session?.refreshJwt ?? '',
    ],
  });
  const session: CredentialSession = new CredentialSession(
    new URL(account.baseUrl),
    guardFetch(timeoutFor),
    (event, kept) => {
      if (event === 'expired') file.remove();
      if (!kept || (event !== 'create' && event !== 'update')) return;
      const { did, handle, accessJwt, refreshJwt, active } = kept;
      const pds = session.pdsUrl ? { pdsUrl: session.pdsUrl.href } : {};
      file.write({
        service: account.baseUrl,
        login: account.handle,
        ...pds,
        session: { did, handle, accessJwt, refreshJwt, active },
      });
    },
  );
  // After a login the client moves to the server that the DID document names; a pinned account does
  // not.
  if (account.isPinned)
    Object.defineProperty(session, 'pdsUrl', { get: () => undefined, set() {} });
  const agent = new Agent(session as ConstructorParameters<typeof Agent>[0]);
  let pending: Promise<void> | undefined;
  let failed: { until: Instant; error: PublishError } | undefined;

  async function login(): Promise<void> {
    if (failed && clock.now() < failed.until) throw failed.error;
    try {
      await session.login({ identifier: account.handle, password: account.password });
      failed = undefined;
    } catch (thrown) {
      const error = toBlueskyError(thrown, telling());
      if (error.kind === 'signed-out' || error.kind === 'refused')
        failed = { until: clock.now() + holdOffFor, error: asSignedOut(error) };
      if (error.kind === 'wait') failed = { until: error.until ?? clock.now() + minute, error };
      throw failed?.error ?? new PublishError('not-sent', error.message, { cause: thrown });
    }
  }

  function resume(): boolean {
    const kept = file.read();
    if (!kept || kept.service !== account.baseUrl || kept.login !== account.handle) return false;
    session.session = { ...kept.session };
    if (kept.pdsUrl && !account.isPinned) session.pdsUrl = new URL(kept.pdsUrl);
    return true;
  }

  const once = (work: () => Promise<void>) =>
    (pending ??= work().finally(() => {
      pending = undefined;
    }));
  const ensure = async () => {
    if (pending || !session.session) await once(async () => (resume() ? undefined : login()));
  };
  // The client may have renewed it by itself: the refresh token tells, since access tokens of one
  // second are alike.
  const renew = (token: string | undefined) =>
    once(async () =>
      session.session && session.session.refreshJwt !== token ? undefined : login(),
    );

  async function attempt<T>(
    work: Parameters<BlueskySession['run']>[0],
    mayRenew: boolean,
  ): Promise<T> {
    await ensure();
    const { did, handle, refreshJwt } = session.session ?? {
      did: '',
      handle: '',
      refreshJwt: undefined,
    };
    try {
      return (await work(agent, { did, handle })) as T;
    } catch (error) {
      if (!mayRenew || !isExpired(error)) throw error;
      await renew(refreshJwt);
      return attempt(work, false);
    }
  }

  return {
    async run<T>(
      work: (agent: Agent, who: { did: string; handle: string }) => Promise<T>,
      call: BlueskyCall,
    ): Promise<T> {
      const mine: Opening = { ...call };
      if (call.signal.aborted)
        throw new PublishError('not-sent', 'stopped before anything was sent to Bluesky');
      try {
        return await opening.run(mine, () => attempt<T>(work, true));
      } catch (error) {
        throw mine.refusal ?? toBlueskyError(error, telling());
      }
    },
  };
}

const asSignedOut = (error: PublishError) =>
  error.kind === 'signed-out'
    ? error
    : new PublishError('signed-out', error.message, { cause: error.cause });

/** The session's own calls take no signal, so every request gets the caller's, and an end. */
function guardFetch(timeoutFor: number): typeof globalThis.fetch {
  return async (input, init) => {
    const call = opening.getStore();
    const url = input instanceof Request ? input.url : String(input);
    if (url.includes('/xrpc/com.atproto.repo.putRecord')) {
      try {
        call?.mayOpen?.();
      } catch (error) {
        if (call) call.refusal = error;
        throw error;
      }
    }
    return within(
      { signal: call?.signal ?? init?.signal ?? undefined, limitFor: timeoutFor },
      async (signal) => {
        const response = await fetch(input, { ...init, signal });
        // Read here, so that the limit holds for the whole of the answer.
        const body = await response.arrayBuffer();
        return new Response(body.byteLength ? body : null, {
          status: response.status,
          statusText: response.statusText,
          headers: response.headers,
        });
      },
    );
  };
}
