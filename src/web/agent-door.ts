import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { Context, Hono } from 'hono';
import { isLoopback } from '../io/incoming/caller.ts';
import { isSame } from './access/csrf.ts';
import type { Env } from './access/visit.ts';

/** What agents may ask, and who is one. */
export interface AgentDoor {
  /** The bearer token. */
  token: string;
  /** Names of this machine, besides its own and its addresses. */
  hosts: readonly string[];
  /** Loads what answers. */
  open(): Promise<Endpoint>;
}

interface Endpoint {
  answer(request: Request): Promise<Response>;
  close(): Promise<void>;
}

interface Place {
  door: AgentDoor | undefined;
  /** Names that the dashboard has anyway. */
  names: readonly string[];
}

/** `/mcp`. Closes what was opened for it. */
export function addAgents(app: Hono<Env>, { door, names }: Place): () => Promise<void> {
  let opened: Promise<Endpoint> | undefined;
  const isOurs = door && namesTeller([...names, ...door.hosts]);
  app.all('/mcp', async (c) => {
    if (!door || !isOurs)
      return c.text('Agents are off. To let one in, set agents.token in the configuration.', 404);
    const stranger = strangerIn(c, isOurs);
    if (stranger !== undefined) return c.text(stranger, 403);
    const bearer = /^Bearer +(.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (bearer === undefined || !isSame(bearer.trim(), door.token))
      return c.text('Send the bearer token of agents.token.', 401, {
        'WWW-Authenticate': 'Bearer',
      });
    return (await (opened ??= door.open())).answer(c.req.raw);
  });
  return async () => (await opened)?.close();
}

/**
 * Other sites may point their names here (DNS rebinding), which an address cannot be. A page in a
 * browser says where it comes from.
 */
function strangerIn(c: Context<Env>, isOurs: (host: string) => boolean): string | undefined {
  const host = c.req.header('host') ?? '';
  if (!isOurs(host))
    return `Agents are not let in as ${host.slice(0, 200)}: add the name to agents.hosts.`;
  const origin = c.req.header('origin');
  if (origin === undefined) return undefined;
  const isOwn = URL.canParse(origin) && isOurs(new URL(origin).host);
  return isOwn ? undefined : 'Another site sent this request, so nothing was done.';
}

function namesTeller(names: readonly string[]): (host: string) => boolean {
  const own = hostname().toLowerCase();
  const known = new Set([own, `${own}.local`, ...names.map((name) => name.toLowerCase())]);
  return (host) => {
    const name = host.toLowerCase().replace(/:\d{1,5}$/, '');
    return isLoopback(host) || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0 || known.has(name);
  };
}
