import type { mastodon } from 'masto';
import type { MastodonAccount } from '../../core/network/account.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { within } from '../../ports/deadline.ts';
import { PublishError } from '../../ports/publisher.ts';
import { unlimited } from '../moving-media.ts';
import { HttpFailure, toMastodonError } from './errors.ts';
import type { Deps } from '../publisher-deps.ts';

export interface MastodonCall {
  signal: AbortSignal;
  /** Asked right before the request that posts. */
  mayOpen?: () => void;
  onHeaders?: (headers: Headers) => void;
  /**
   * Its body is a file, which ends it by its own progress. A redirect is an error then: for any
   * other answer to one, fetch would keep a copy of all that it has sent.
   */
  isFile?: true;
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

let loaded: Promise<Library> | undefined;

/** Importing what is imported already costs more than the request's own work. */
function loadLibrary(): Promise<Library> {
  loaded ??= importLibrary().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

const importLibrary = async () => {
  const [proxy, hook, http, config, serializers] = await Promise.all([
    import('masto/adapters/action/index.js'),
    import('masto/adapters/action/dispatcher-http-hook-mastodon.js'),
    import('masto/adapters/http/index.js'),
    import('masto/adapters/config/index.js'),
    import('masto/adapters/serializers/index.js'),
  ]);
  return { ...proxy, ...hook, ...http, ...config, ...serializers };
};

type Library = Awaited<ReturnType<typeof importLibrary>>;
type Params = Parameters<InstanceType<Library['BaseHttp']>['request']>[0];

interface Wire {
  serializer: InstanceType<Library['SerializerNativeImpl']>;
  config: InstanceType<Library['HttpConfigImpl']>;
  call: Opening;
  timeoutFor: number;
}

/**
 * The library's own client loses the status of every answer that is not JSON, so it is put together
 * from its parts around a transport of ours.
 */
async function openClient(
  { baseUrl, token }: MastodonAccount,
  timeoutFor: number,
  call: Opening,
): Promise<mastodon.rest.Client> {
  const library = await loadLibrary();
  const serializer = new library.SerializerNativeImpl();
  const config = new library.HttpConfigImpl({ url: baseUrl, accessToken: token }, serializer);
  const wire: Wire = { serializer, config, call, timeoutFor };
  class Transport extends library.BaseHttp {
    async request<T>(params: Params): Promise<{ headers: Headers; data: T }> {
      const { response, text } = await send(wire, params);
      call.onHeaders?.(response.headers);
      const isJson = (response.headers.get('content-type') ?? '').includes('json');
      if (!response.ok || !isJson) throw new HttpFailure(response, text);
      return { headers: response.headers, data: serializer.deserialize<T>('json', text) };
    }
  }
  const http = new Transport();
  return library.createActionProxy<mastodon.rest.Client>(
    new library.HttpActionDispatcher(http, new library.HttpActionDispatcherHookMastodon(http)),
    { context: ['api'] },
  );
}

async function send(
  { serializer, config, call, timeoutFor }: Wire,
  { method, path, search, encoding = 'json', requestInit = {}, body }: Params,
): Promise<{ response: Response; text: string }> {
  const content = serializer.serialize(encoding as 'json', body) as string | FormData | undefined;
  const { headers: given, ...init } = config.mergeRequestInitWithDefaults(requestInit);
  const headers = new Headers(given);
  // A kept connection that has gone stale looks like a lost answer, and small servers have a
  // thread for each.
  headers.set('connection', 'close');
  if (typeof content === 'string') headers.set('content-type', 'application/json');
  if (method === 'POST' && /^\/api\/v1\/statuses(\/[^/]+\/reblog)?$/.test(path)) askToOpen(call);
  // No Request of our own: a copied one may lose its signal (nodejs/undici#4068).
  return within(
    { signal: call.signal, limitFor: call.isFile ? unlimited : timeoutFor },
    async (signal) => {
      const response = await fetch(config.resolvePath(path, search), {
        method,
        ...pickDefined({ body: content }),
        ...init,
        headers,
        signal,
        // Followed, a POST would become a GET without the token.
        redirect: call.isFile ? 'error' : 'manual',
      });
      return { response, text: await response.text() };
    },
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
