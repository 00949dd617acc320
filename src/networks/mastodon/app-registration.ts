import { Refusal } from '../../core/problem.ts';
import { day } from '../../core/time.ts';
import type { CallAnswer } from '../../io/guarded/guarded-call.ts';
import type { Leave } from '../../io/guarded/private-addresses.ts';
import type { KnownApp } from '../../ports/connecting/connector.ts';
import { type ConnectDeps, tellWait, toFields, toUnreachable } from '../connect-deps.ts';
import { clean } from '../publish-error.ts';

export const outOfBand = 'urn:ietf:wg:oauth:2.0:oob';

const rest = 'read:statuses read:notifications write:statuses write:media';

/** A server that we are about to become known to. */
export interface Server {
  origin: string;
  host: string;
  ask(path: string, form?: Record<string, string>): Promise<CallAnswer>;
}

interface Asking extends Pick<ConnectDeps, 'call' | 'timeoutFor'> {
  leave: Leave;
  signal: AbortSignal;
}

export function serverAt(origin: string, { call, timeoutFor, leave, signal }: Asking): Server {
  const { host } = new URL(origin);
  return {
    origin,
    host,
    async ask(path, form) {
      const how = form ? { method: 'POST' as const, form } : { method: 'GET' as const };
      try {
        return await call(origin + path, { ...how, ...leave, signal, timeoutFor });
      } catch (error) {
        throw toUnreachable(error, host);
      }
    },
  };
}

/** From 4.3 on a server tells what it knows; `profile` came with the same version. */
async function findScopes({ ask }: Server): Promise<string> {
  const { status, text } = await ask('/.well-known/oauth-authorization-server');
  const known = status === 200 ? toFields(text)['scopes_supported'] : undefined;
  const own = Array.isArray(known) && known.includes('profile') ? 'profile' : 'read:accounts';
  return `${own} ${rest}`;
}

/**
 * The app that this server knows us as, and the address that the answer goes to. Registered when an
 * account is connected, since older servers forget idle apps; a server takes five in ten minutes.
 */
export async function findApp(
  { apps, clock }: Pick<ConnectDeps, 'apps' | 'clock'>,
  server: Server,
  callback: string | undefined,
): Promise<{ app: KnownApp; redirect: string }> {
  const wanted = callback ?? outOfBand;
  const before = apps.read(server.origin);
  const isFresh = before !== undefined && clock.now() - before.at < day;
  if (isFresh && before.redirects.includes(wanted)) return { app: before, redirect: wanted };
  const scopes = await findScopes(server);
  const redirects = callback === undefined ? [outOfBand] : [callback, outOfBand];
  const answer = await server.ask('/api/v1/apps', {
    client_name: 'Dripline',
    // Newline-joined: servers before 4.3, and other makes, take no list.
    redirect_uris: redirects.join('\n'),
    scopes,
  });
  if (answer.status === 429 && before) {
    const redirect = before.redirects.includes(wanted) ? wanted : outOfBand;
    if (before.redirects.includes(redirect)) return { app: before, redirect };
  }
  const { client_id: clientId, client_secret: clientSecret } = toFields(answer.text);
  if (answer.status !== 200 || !isText(clientId) || !isText(clientSecret))
    throw whyNotRegistered(server, answer, clock.now());
  const app = { clientId, clientSecret, redirects, scopes, at: clock.now() };
  apps.write(server.origin, app);
  return { app, redirect: wanted };
}

export const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length < 4096;

function whyNotRegistered({ host, origin }: Server, answer: CallAnswer, now: number): Refusal {
  const { status, header, text } = answer;
  const to = (header('location') ?? '').slice(0, 300);
  if (status >= 300 && status < 400 && URL.canParse(to, origin)) {
    const other = new URL(to, origin);
    if (other.host !== host)
      return new Refusal(`${host} sends us on to ${other.host}: enter that if it is your server`);
  }
  if (status === 429)
    return new Refusal(`${host} takes no more new apps for a while: ${tellWait(answer, now)}`);
  if (status >= 500)
    return new Refusal(`${host} has a problem of its own (${status}): try again later`);
  const { error } = toFields(text);
  if (isText(error))
    return new Refusal(`${host} does not take Dripline as an app: ${clean(error, [])} (${status})`);
  return new Refusal(
    `${host} does not speak Mastodon's API: enter the server where you sign in, which may be ` +
      'another one than the end of your handle',
  );
}
