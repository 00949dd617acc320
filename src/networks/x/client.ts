import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { ITwitterApiClientPlugin, TwitterApi } from 'twitter-api-v2';
import type { XAccount } from '../../core/network/account.ts';
import { agentProxies } from '../../io/outgoing-proxy.ts';
import { within } from '../../ports/deadline.ts';
import { PublishError } from '../../ports/publisher.ts';
import type { Clock } from '../../ports/clock.ts';
import { toConnectionError, type Telling } from '../publish-error.ts';
import { toXError } from './errors.ts';

export interface XCall {
  signal: AbortSignal;
  /** Asked right before each socket opens. */
  mayOpen?: () => void;
  /** Milliseconds; absent: as long as any request may take. */
  limitFor?: number;
}

/**
 * Runs calls of X's official client on sockets of their own: a kept connection that has gone stale
 * looks like a lost answer. The library takes no signal and no other address, so both come in by
 * the agent and a plugin. Throws PublishError.
 */
export async function withX<T>(
  { account, clock, timeoutFor }: { account: XAccount; clock: Clock; timeoutFor: number },
  { limitFor = timeoutFor, ...call }: XCall,
  run: (client: TwitterApi) => Promise<T>,
): Promise<T> {
  const telling: Telling = {
    network: 'x',
    now: clock.now(),
    secrets: [account.appKey, account.appSecret, account.accessToken, account.accessSecret],
  };
  if (call.signal.aborted)
    throw new PublishError('not-sent', 'stopped before anything was sent to X');
  const wire = openWire(account.baseUrl, call.mayOpen);
  const client = await openClient(account, wire.agent, limitFor);
  try {
    return await within({ signal: call.signal, limitFor }, (signal) => {
      wire.cutOffWith(signal);
      return run(client);
    });
  } catch (error) {
    if (wire.refusal()) throw wire.refusal();
    if (error instanceof PublishError) throw error;
    throw (
      toXError(error, telling) ?? toConnectionError(innerError(error), telling, !wire.isConnected())
    );
  } finally {
    wire.close();
  }
}

async function openClient(
  { appKey, appSecret, accessToken, accessSecret, baseUrl }: XAccount,
  httpAgent: HttpAgent,
  timeoutFor: number,
): Promise<TwitterApi> {
  const { TwitterApi } = await import('twitter-api-v2');
  const elsewhere: ITwitterApiClientPlugin = {
    onBeforeRequestConfig({ params }) {
      const { pathname, search } = new URL(params.url);
      params.url = `${baseUrl}${pathname}${search}`;
      params.timeout ??= timeoutFor;
    },
    // The library takes a redirect for a success, and does not tell its status.
    onAfterRequest({ response: { headers, data } }) {
      if (headers?.['location'] !== undefined && !isObject(data))
        throw Object.assign(new Error('a redirect'), { type: 'response', code: 302, headers });
    },
  };
  return new TwitterApi(
    { appKey, appSecret, accessToken, accessSecret },
    { httpAgent, plugins: [elsewhere] },
  );
}

const isObject = (data: unknown) => typeof data === 'object' && data !== null;

/** The library's own getter for the cause is broken. */
const innerError = (error: unknown): unknown =>
  (error as { _options?: { error?: unknown } })?._options?.error ?? error;

function openWire(baseUrl: string, mayOpen: (() => void) | undefined) {
  const isSecure = baseUrl.startsWith('https:');
  const agent = isSecure
    ? new HttpsAgent({ keepAlive: false, ...agentProxies() })
    : new HttpAgent({ keepAlive: false, ...agentProxies() });
  const sockets = openSockets(isSecure ? 'secureConnect' : 'connect');
  let refusal: unknown;
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    try {
      mayOpen?.();
    } catch (error) {
      refusal = error;
      throw error;
    }
    const socket = connect(options, callback) as Socket;
    sockets.add(socket);
    return socket;
  };
  return {
    agent,
    refusal: () => refusal,
    isConnected: sockets.isConnected,
    cutOffWith: sockets.cutOffWith,
    close: () => agent.destroy(),
  };
}

/** The library takes no signal: its sockets are destroyed. */
function openSockets(connected: 'connect' | 'secureConnect') {
  const sockets = new Set<Socket>();
  let cutOff: AbortSignal | undefined;
  let isConnected = false;
  return {
    add(socket: Socket) {
      isConnected = false;
      sockets.add(socket);
      socket.once(connected, () => {
        isConnected = true;
      });
      socket.once('close', () => sockets.delete(socket));
      if (cutOff?.aborted) socket.destroy(cutOff.reason as Error);
    },
    /** The newest of them. */
    isConnected: () => isConnected,
    cutOffWith(signal: AbortSignal) {
      cutOff = signal;
      const destroyAll = () => sockets.forEach((socket) => socket.destroy(signal.reason as Error));
      signal.addEventListener('abort', destroyAll, { once: true });
    },
  };
}
