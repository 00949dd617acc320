import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { Refusal } from '../core/problem.ts';
import { second } from '../core/time.ts';
import { isLoopback, openCallers } from '../io/incoming/caller.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { type CounterParts, openClickCounter } from './click-counter.ts';
import { absentPage, doorHeaders, laterPage } from './door-pages.ts';
import { openKnownLinks } from './known-links.ts';
import { addLinkRoutes, type Env } from './link-routes.ts';
import { addConfirmRoutes } from './people/confirm-routes.ts';
import { addEventRoutes } from './people/event-routes.ts';
import { addFormRoutes } from './people/form-routes.ts';
import type { PeopleDoor } from './people/people-door.ts';
import { openStepClicks, type StepClicks } from './people/step-clicks.ts';
import { addUnsubscribeRoutes } from './people/unsubscribe-routes.ts';
import { addShopRoutes } from './people/shops/shop-routes.ts';
import { addWebhookRoutes } from './people/webhook-routes.ts';
import { openLeading } from './people/visits/visit-token.ts';
import { addVisitRoutes } from './people/visits/visit-routes.ts';

/** How the door is reached, as the configuration says. */
export interface DoorPlace {
  /** As people have it. */
  url: string;
  host: string;
  port: number;
  /** Proxies whose forwarding headers are trusted. */
  trustedProxies: readonly string[];
  /** Origins of sites that tell visits. */
  visits?: readonly string[] | undefined;
}

export interface DoorParts extends DoorPlace {
  store: Pick<Store, 'findLink' | 'listLinks' | 'putClicks'>;
  clock: Clock;
  warn(text: string): void;
  /** Ways in and out for people; absent: there are no sequences. */
  people?: PeopleDoor | undefined;
  timing?: Pick<CounterParts, 'burstFor' | 'flushEvery'> | undefined;
}

export interface PublicDoor extends AsyncDisposable {
  /** As people have it. */
  url: string;
  /** The port that it listens on. */
  port: number;
  /** Counts what was opened so far. */
  flush(): Promise<void>;
}

/** Opens the door for everybody. Throws a Refusal if it cannot listen. */
export async function openPublicDoor(parts: DoorParts): Promise<PublicDoor> {
  const { store, clock, warn, timing } = parts;
  const closing = new AbortController();
  const links = openKnownLinks({ store, clock, signal: closing.signal });
  const counter = openClickCounter({ store, clock, warn, ...timing });
  const take = parts.people?.takeClicks;
  const steps = take && openStepClicks({ clock, warn, take, ...timing });
  const app = buildDoor(parts, { links, counter, steps });
  let server: Awaited<ReturnType<typeof listen>>;
  try {
    server = await listen(app, parts);
  } catch (error) {
    await counter[Symbol.asyncDispose]();
    await steps?.[Symbol.asyncDispose]();
    throw error;
  }
  links.warm().catch((error: unknown) => warn(`links are read as they are asked for: ${error}`));
  return {
    url: parts.url,
    port: (server.address() as AddressInfo).port,
    async flush() {
      await counter.flush();
      await steps?.flush();
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
      await closed;
      await counter[Symbol.asyncDispose]();
      await steps?.[Symbol.asyncDispose]();
    },
  };
}

interface Behind extends Pick<Parameters<typeof addLinkRoutes>[1], 'links' | 'counter'> {
  steps: StepClicks | undefined;
}

function buildDoor(parts: DoorParts, behind: Behind): Hono<Env> {
  const { url, trustedProxies, warn, people, clock, visits = [] } = parts;
  const app = new Hono<Env>();
  const { protocol, host } = new URL(url);
  const isTrustworthy = protocol === 'https:' || isLoopback(host);
  const callerOf = openCallers(trustedProxies);
  const sites =
    people && visits.length > 0 ? { origins: visits, tokens: people.tokens } : undefined;
  const leadTo = sites && openLeading(sites);
  addLinkRoutes(app, { ...behind, isTrustworthy, callerOf, leadTo });
  if (people && behind.steps) {
    addFormRoutes(app, { door: people, url, callerOf, now: () => clock.now() });
    addConfirmRoutes(app, { door: people, callerOf });
    addUnsubscribeRoutes(app, people, behind.steps);
    const { links, steps } = behind;
    addWebhookRoutes(app, { door: people, clock });
    addShopRoutes(app, people);
    if (sites) addVisitRoutes(app, { ...sites, links, steps, clock, isTrustworthy, callerOf });
    if (people.eventToken !== undefined) addEventRoutes(app, people, people.eventToken);
  }
  app.all('*', (c) =>
    c.req.method === 'GET' || c.req.method === 'HEAD'
      ? c.html(absentPage(), 404, doorHeaders)
      : refuseMethod(c),
  );
  app.onError((error, c) => {
    if (!URL.canParse(`http://${c.req.header('host') ?? ''}`)) return c.body(null, 400);
    warn(`the public door: ${error.stack ?? error.message}`);
    return c.html(laterPage(), 503, { ...doorHeaders, 'Retry-After': '30' });
  });
  return app;
}

/** Pages of people take a form, too. */
function refuseMethod(c: Context<Env>): Response {
  const allowed = /^\/[fcu]\//.test(c.req.path) ? 'GET, HEAD, POST' : 'GET, HEAD';
  const text = `Only ${allowed.replace(/, (?=\w+$)/, ' and ')} are answered here.`;
  return c.text(text, 405, { ...doorHeaders, Allow: allowed });
}

/** For strangers: nothing long is read, and nobody is waited for. */
const limits = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 10 * second,
  requestTimeout: 15 * second,
  keepAliveTimeout: 5 * second,
  connectionsCheckingInterval: 2 * second,
};
const mostConnections = 2000;

function listen({ fetch }: Hono<Env>, { host: written, port }: DoorPlace) {
  const host = written.replace(/^\[(.*)\]$/, '$1');
  return new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const server = serve({ fetch, hostname: host, port, serverOptions: limits }, () =>
      resolve(server),
    );
    server.maxConnections = mostConnections;
    server.once('error', (error: NodeJS.ErrnoException) => reject(toRefusal(error, host, port)));
  });
}

/** The port is in use: the sandbox goes on without the door. */
export class PortTaken extends Refusal {}

function toRefusal(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new PortTaken(
        `port ${port} is taken: stop the other program, or set public.port in the configuration`,
      );
    case 'EACCES':
      return new Refusal(
        `this user may not use port ${port}: set public.port to a port above 1023`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new Refusal(`public.host: ${host} is not an address of this machine: use 127.0.0.1`);
    default:
      return error;
  }
}
