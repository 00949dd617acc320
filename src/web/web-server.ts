import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { serve } from '@hono/node-server';
import type { CommandContext } from '../commands/command.ts';
import { Refusal } from '../core/problem.ts';
import { buildApp } from './web-app.ts';
import { isLoopback } from './access/caller.ts';
import { openLive } from './live.ts';
import { openDoor } from './access/password.ts';
import { openSessions } from './access/login-session.ts';

export interface WebOptions {
  host: string;
  port: number;
  /** Absent: open where this machine alone reaches the page; elsewhere one is made. */
  password?: string | undefined;
  /** Proxies in front, whose word on who asks is believed. */
  trustedProxies?: readonly string[];
  metricsToken?: string | undefined;
  /** Where the hash of the password and the sessions are kept; absent: in memory. */
  dataFolder?: string | undefined;
  /** Where the local networks show what they have, in the sandbox. */
  sandboxPage?: string | undefined;
  warn?: ((text: string) => void) | undefined;
}

export interface Web extends AsyncDisposable {
  url: string;
  /** The password that was made just now: printed once, and kept nowhere. */
  madePassword?: string;
}

/** The dashboard. Refused: a port that is taken, an address that is none of this machine's. */
export async function openWeb(context: CommandContext, options: WebOptions): Promise<Web> {
  const { port, password, dataFolder, trustedProxies = [], warn } = options;
  const host = options.host.replace(/^\[(.*)\]$/, '$1');
  const shown = host.includes(':') ? `[${host}]` : host;
  // A proxy lets others in, wherever it stands.
  const door = await openDoor({
    isReachable: !isLoopback(shown) || trustedProxies.length > 0,
    password,
    dataFolder,
  });
  const sessions = await openSessions({ clock: context.clock, dataFolder, tag: door.tag, warn });
  using opening = new DisposableStack();
  const live = opening.use(openLive(context.store));
  const { metricsToken, sandboxPage } = options;
  const app = buildApp({
    context,
    door,
    sessions,
    live,
    host,
    trustedProxies,
    metricsToken,
    sandboxPage,
    warn,
  });
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const listening = serve({ fetch: app.fetch, hostname: host, port }, () => resolve(listening));
    listening.once('error', (error: NodeJS.ErrnoException) =>
      reject(toRefusal(error, shown, port)),
    );
  });
  const opened = opening.move();
  const isEverywhere = host === '0.0.0.0' || host === '::';
  return {
    url: `http://${isEverywhere ? hostname() : shown}:${(server.address() as AddressInfo).port}`,
    ...(door.made === undefined ? {} : { madePassword: door.made }),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        opened.dispose();
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

function toRefusal(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new Refusal(
        `port ${port} is taken: stop what runs there, or set web.port in the configuration`,
      );
    case 'EACCES':
      return new Refusal(
        `port ${port} may not be used by this user: set web.port to one above 1023`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new Refusal(`web.host: ${host} is no address of this machine: use 127.0.0.1`);
    default:
      return error;
  }
}
