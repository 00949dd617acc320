import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { serve } from '@hono/node-server';
import type { CommandContext } from '../commands/command.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { Refusal } from '../core/problem.ts';
import { second } from '../core/time.ts';
import type { AgentDoor } from './agent-door.ts';
import { buildApp } from './web-app.ts';
import { isLoopback } from '../io/incoming/caller.ts';
import { limitRequests } from './access/request-time.ts';
import { openAttempts } from './access/attempts.ts';
import { openLive } from './live.ts';
import { openDoor } from './access/password.ts';
import { openSessions } from './access/login-session.ts';

export interface WebOptions {
  host: string;
  port: number;
  shownUrl?: string | undefined;
  /** Absent: none if only this machine reaches the page; otherwise one is generated. */
  password?: string | undefined;
  /** Proxies whose forwarding headers are trusted. */
  trustedProxies?: readonly string[];
  metricsToken?: string | undefined;
  /** Absent: `/mcp` is off. */
  agents?: AgentDoor | undefined;
  /** For the hash of the password, and for the sessions. Absent: they are kept in memory. */
  dataFolder?: string | undefined;
  /** The page of the local networks, in the sandbox. */
  sandboxPage?: string | undefined;
  warn?: ((text: string) => void) | undefined;
  limits?: Partial<WebLimits> | undefined;
}

/** For strangers too, who need no password to connect. */
export interface WebLimits {
  maxConnections: number;
  headersTimeout: number;
  requestTimeout: number;
  connectionsCheckingInterval: number;
  /** Between the tries of those who come too early with another password. */
  turnEvery: number;
}

const usual: WebLimits = {
  // Fewer than the files that a process may have open.
  maxConnections: 500,
  headersTimeout: 10 * second,
  requestTimeout: 20 * second,
  connectionsCheckingInterval: 2 * second,
  turnEvery: 4 * second,
};

export interface Web extends AsyncDisposable {
  url: string;
  /** The generated password. It is printed once, and stored nowhere. */
  madePassword?: string;
}

/** Opens the dashboard. Throws a Refusal if the port is taken, or the host is not this machine. */
export async function openWeb(context: CommandContext, options: WebOptions): Promise<Web> {
  const { port, password, dataFolder, trustedProxies = [], warn } = options;
  const host = options.host.replace(/^\[(.*)\]$/, '$1');
  const shown = host.includes(':') ? `[${host}]` : host;
  const door = await openDoor({
    // A proxy lets others in, wherever it runs.
    isReachable: !isLoopback(shown) || trustedProxies.length > 0,
    password,
    dataFolder,
  });
  const sessions = await openSessions({ clock: context.clock, dataFolder, tag: door.tag, warn });
  using opening = new DisposableStack();
  const live = opening.use(openLive(context.store));
  const limits = { ...usual, ...options.limits };
  const attempts = opening.use(openAttempts(context.clock, limits.turnEvery));
  const { metricsToken, sandboxPage, agents, shownUrl } = options;
  const own = { context, door, sessions, attempts, live, host };
  const more = { metricsToken, sandboxPage, agents, shownUrl };
  const app = buildApp({ ...own, ...more, trustedProxies, warn });
  const server = await listen(app, { host, shown, port, limits });
  const opened = opening.move();
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const { port: bound } = server.address() as AddressInfo;
  const url = options.shownUrl ?? `http://${isEverywhere ? hostname() : shown}:${bound}`;
  return {
    ...pickDefined({ url, madePassword: door.made }),
    async [Symbol.asyncDispose]() {
      opened.dispose();
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
      await app[Symbol.asyncDispose]();
      await closed;
    },
  };
}

interface Place {
  host: string;
  /** The host as a URL contains it. */
  shown: string;
  port: number;
  limits: WebLimits;
}

function listen({ fetch }: ReturnType<typeof buildApp>, { host, shown, port, limits }: Place) {
  const { maxConnections, turnEvery: _, requestTimeout, ...rest } = limits;
  // Node's own limit would end the upload of a video, too.
  const serverOptions = { ...rest, requestTimeout: 0 };
  return new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const listening = serve({ fetch, hostname: host, port, serverOptions }, () =>
      resolve(listening),
    );
    limitRequests(listening, requestTimeout);
    listening.maxConnections = maxConnections;
    listening.once('error', (error: NodeJS.ErrnoException) =>
      reject(toRefusal(error, shown, port)),
    );
  });
}

function toRefusal(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new Refusal(
        `port ${port} is taken: stop the other program, or set web.port in the configuration`,
      );
    case 'EACCES':
      return new Refusal(`this user may not use port ${port}: set web.port to a port above 1023`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new Refusal(`web.host: ${host} is not an address of this machine: use 127.0.0.1`);
    default:
      return error;
  }
}
