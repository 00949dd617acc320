import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { CommandContext } from '../commands/command.ts';
import { Refusal } from '../core/problem.ts';
import { StoreError } from '../ports/store.ts';
import { style } from './page.ts';
import { statusPage } from './status-page.ts';

export interface WebOptions {
  host: string;
  port: number;
  /** Where the local networks show what they have, in the sandbox. */
  sandboxPage?: string | undefined;
}

export interface Web extends AsyncDisposable {
  url: string;
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** Pages that look and change nothing. Open without a password, so it is served on loopback alone, and only to requests that name loopback. */
export function buildWeb(context: CommandContext, { sandboxPage }: Pick<WebOptions, 'sandboxPage'>): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    // A page elsewhere may point its own name here (DNS rebinding).
    if (!loopback.test(c.req.header('host') ?? '')) return c.text('This address is served on this machine alone.', 421);
    await next();
    c.header('Content-Security-Policy', "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Referrer-Policy', 'no-referrer');
    c.header('Cache-Control', 'no-store');
    return undefined;
  });
  app.get('/style.css', (c) => c.body(style, 200, { 'Content-Type': 'text/css; charset=utf-8' }));
  app.get('/healthz', (c) => c.text('ok'));
  app.get('/readyz', async (c) => {
    await context.store.findFact('pause');
    return c.text('ready');
  });
  app.get('/', async (c) => c.html(await statusPage(context, sandboxPage)));
  app.onError((error, c) => c.text(`This page could not be made: ${error instanceof StoreError ? error.message : 'see the log'}`, 503));
  return app;
}

/** Refused: a port that is taken, and (until there is a login) an address that others can reach. */
export async function openWeb(context: CommandContext, options: WebOptions): Promise<Web> {
  const { port } = options;
  const host = options.host.replace(/^\[(.*)\]$/, '$1');
  const shown = host.includes(':') ? `[${host}]` : host;
  if (!loopback.test(shown))
    throw new Refusal(`web.host: ${host} can be reached from outside, and this version has no login: use 127.0.0.1, with a tunnel or a proxy in front`);
  const app = buildWeb(context, options);
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const listening = serve({ fetch: app.fetch, hostname: host, port }, () => resolve(listening));
    listening.once('error', (error: NodeJS.ErrnoException) => reject(toRefusal(error, shown, port)));
  });
  const url = `http://${shown}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

function toRefusal(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new Refusal(`port ${port} is taken: stop what runs there, or set web.port in the configuration`);
    case 'EACCES':
      return new Refusal(`port ${port} may not be used by this user: set web.port to one above 1023`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new Refusal(`web.host: ${host} is no address of this machine: use 127.0.0.1`);
    default:
      return error;
  }
}
