import type { mastodon } from 'masto';
import type { MastodonAccount } from '../../core/network/account.ts';
import { within } from '../../ports/deadline.ts';
import { PublishError } from '../../ports/publisher.ts';
import { HttpFailure, toMastodonError } from './errors.ts';
import type { Deps } from '../publisher-deps.ts';

export interface MastodonCall {
  signal: AbortSignal;
  /** Asked right before the request that posts. */
  mayOpen?: () => void;
  onHeaders?: (headers: Headers) => void;
}

/** Runs calls of Mastodon's client. Throws PublishError. */
export async function withMastodon<T>(
  { account, clock, timeoutFor }: Pick<Deps, 'clock' | 'timeoutFor'> & { account: MastodonAccount },
  call: MastodonCall,
  run: (client: mastodon.rest.Client) => Promise<T>,
): Promise<T> {
  if (call.signal.aborted)
    throw new PublishError('not-sent', 'stopped before anything was sent to Mastodon');
  const opening: Opening = { ...call };
  try {
    return await run(await openClient(account, timeoutFor, opening));
  } catch (error) {
    if (opening.refusal) throw opening.refusal;
    throw toMastodonError(error, {
      network: 'mastodon',
      now: clock.now(),
      secrets: [account.token],
    });
  }
}

interface Opening extends MastodonCall {
  refusal?: unknown;
}

/**
 * The library's own client loses the status of every answer that is not JSON, so it is put together
 * from its parts around a transport of ours.
 */
async function openClient(
  account: MastodonAccount,
  timeoutFor: number,
  call: Opening,
): Promise<mastodon.rest.Client> {
  const [
    { createActionProxy, HttpActionDispatcher },
    { HttpActionDispatcherHookMastodon },
    { BaseHttp },
    { HttpConfigImpl },
    { SerializerNativeImpl },
  ] = await Promise.all([
    import('masto/adapters/action/index.js'),
    import('masto/adapters/action/dispatcher-http-hook-mastodon.js'),
    import('masto/adapters/http/index.js'),
    import('masto/adapters/config/index.js'),
    import('masto/adapters/serializers/index.js'),
  ]);
  const serializer = new SerializerNativeImpl();
  const config = new HttpConfigImpl(
    { url: account.baseUrl, accessToken: account.token },
    serializer,
  );

  class Transport extends BaseHttp {
    async request<T>(
      params: Parameters<InstanceType<typeof BaseHttp>['request']>[0],
    ): Promise<{ headers: Headers; data: T }> {
      const { method, path, search, encoding = 'json', requestInit = {}, body } = params;
      const content = serializer.serialize(encoding as 'json', body) as
        | string
        | FormData
        | undefined;
      const { headers: given, ...init } = config.mergeRequestInitWithDefaults(requestInit);
      const headers = new Headers(given);
      // A kept connection that has gone stale looks like a lost answer, and small servers have a
      // thread for each.
      headers.set('connection', 'close');
      if (typeof content === 'string') headers.set('content-type', 'application/json');
      if (method === 'POST' && /^\/api\/v1\/statuses(\/[^/]+\/reblog)?$/.test(path))
        askToOpen(call);
      // No Request of our own: a copied one may lose its signal (nodejs/undici#4068).
      const { response, text } = await within(
        { signal: call.signal, limitFor: timeoutFor },
        async (signal) => {
          const answer = await fetch(config.resolvePath(path, search), {
            method,
            ...(content === undefined ? {} : { body: content }),
            ...init,
            headers,
            signal,
          });
          return { response: answer, text: await answer.text() };
        },
      );
      call.onHeaders?.(response.headers);
      const isJson = (response.headers.get('content-type') ?? '').includes('json');
      if (!response.ok || !isJson) throw new HttpFailure(response, text);
      return { headers: response.headers, data: serializer.deserialize<T>('json', text) };
    }
  }
  const http = new Transport();
  return createActionProxy<mastodon.rest.Client>(
    new HttpActionDispatcher(http, new HttpActionDispatcherHookMastodon(http)),
    { context: ['api'] },
  );
}

function askToOpen(call: Opening): void {
  try {
    call.mayOpen?.();
  } catch (error) {
    call.refusal = error;
    throw error;
  }
}
