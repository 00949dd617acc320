import { byNetwork, networks, type Network } from '../core/network/network.ts';
import { hour } from '../core/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Audience } from './world/sandbox-audience.ts';
import { createBlueskyApi } from './bluesky/api.ts';
import type { Api } from './http/routing.ts';
import { createMastodonApi } from './mastodon/api.ts';
import type { MastodonContext } from './mastodon/views.ts';
import { type AcceptedMail, toAcceptedMail } from './mail/kept-mails.ts';
import { startMailService } from './mail/mail-service.ts';
import { createRules, parseRule, type Rule, type Rules } from './http/misbehaviour.ts';
import { createPageApi } from './timeline/timeline-page.ts';
import { defaultPeople, type SandboxAccount } from './world/network-rows.ts';
import { clicksOf, type Opened } from './readers/imagine-clicks.ts';
import { openReaders } from './readers/open-readers.ts';
import { createRates } from './http/quotas.ts';
import {
  type RequestCount,
  type RunningServer,
  type ServerContext,
  startServer,
} from './http/api-server.ts';
import type { AcceptedPost } from './world/accepted-post.ts';
import { speak, type Visit } from './world/visitors.ts';
import { openWorld, type World } from './world/world.ts';
import { createXApi } from './x/api.ts';
import { createXBills, type XBill, type XBills } from './x/bill.ts';

export { defaultPeople } from './world/network-rows.ts';
export type {
  BlueskyPerson,
  MastodonPerson,
  SandboxAccount,
  XPerson,
} from './world/network-rows.ts';
export type { Misbehaviour, Rule } from './http/misbehaviour.ts';
export type { RequestCount } from './http/api-server.ts';
export type { AcceptedMail } from './mail/kept-mails.ts';
export type { AcceptedPost } from './world/accepted-post.ts';
export type { XBill } from './x/bill.ts';

export type SandboxPorts = Record<'page' | Network, number>;

/** The page's, and those of the networks behind it; 0: any that are free. */
const portsFrom = (page: number): SandboxPorts => ({
  page,
  ...byNetwork((network) => (page === 0 ? 0 : page + 1 + networks.indexOf(network))),
});

/** Behind the networks' and the public door's. */
function mailPortOf(page: number): number {
  const port = page + networks.length + 2;
  return page === 0 || port > 65_535 ? 0 : port;
}

export const defaultPorts = portsFrom(4331);

export interface SandboxOptions {
  /** JSON lines: all that the networks accepted. Pictures lie in a folder beside it. */
  file: string;
  host?: string;
  /** Of the page; the networks take those behind it. 0: any that are free. Default 4331. */
  port?: number;
  /** Of the mail server, which takes any other if that is taken. Default: behind the others. */
  mailPort?: number;
  /** For single servers; 0: any that is free. */
  ports?: Partial<SandboxPorts>;
  clock: Clock;
  /** Of the times that its page shows. Default UTC. */
  zone?: string;
  people?: SandboxAccount[];
  /**
   * Multiplies the networks' rate limits. The sandbox does in seconds what takes hours out there,
   * so the default is 10.
   */
  limitScale?: number;
  /**
   * How long X refuses the same text of the same account. The real time is unknown; default an
   * hour.
   */
  duplicateFor?: number;
  /** How long the networks process a video, in real milliseconds. Default 3 s. */
  processFor?: number;
  /** How many times faster than life the audience reacts. */
  audienceSpeed?: number;
  /** Another seed is another audience of the same make. */
  audienceSeed?: string;
  /** An audience of a test's own making. */
  imagine?: Audience['imagine'];
}

export interface Sandbox extends AsyncDisposable {
  /** The timeline's address; `/posts.json` is below it. */
  page: string;
  baseUrls: Record<Network, string>;
  /** Where its mail server listens; what that took is below `page` at /mail and /mail.json. */
  mail: { host: string; port: number };
  /** What is published there now, oldest first. */
  accepted(): AcceptedPost[];
  /** The mails that it has taken, oldest first. */
  mails(): AcceptedMail[];
  /** Somebody of the audience answers; undefined: it was said already, or there is no such post. */
  speak(visit: Visit): string | undefined;
  /** Returns what undoes it. */
  misbehave(rule: Rule): () => void;
  /** How often each route was asked, since the start. */
  requests(): RequestCount[];
  /** How often the link of a post was opened by now, if it has one. */
  opened(network: Network, id: string): Opened | undefined;
  /** From now on, people and the networks' machines open the links that lead to this door. */
  readLinks(door: string): AsyncDisposable;
  /** What X would have billed an account since the start. */
  bill(handle: string): XBill;
  close(): Promise<void>;
}

/**
 * The networks and a page, on loopback. Throws a Refusal when a port is taken or the file is
 * damaged.
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock, port = defaultPorts.page } = options;
  const ports = { ...portsFrom(port), ...options.ports };
  let page = '';
  const pageOrigin = () => page;
  const world = openWorld({ people: defaultPeople, ...options, pageOrigin });
  const [rules, counter, bills] = [createRules(), createCounter(), createXBills(clock)];
  const servers = openServers({ clock, rules, count: counter.count }, options.host);
  const close = async () => {
    await servers.close();
    world.close();
  };
  try {
    const shared = { world, audience: audienceOf(options), pageOrigin };
    const pageApi = createPageApi({
      ...shared,
      ...switchesOf(rules),
      requests: counter.all,
      bills: bills.all,
    });
    page = await servers.start(pageApi, ports.page);
    const baseUrls = await servers.startAll(createApis(shared, options, bills), ports);
    const mail = await servers.startMail(world, options.mailPort ?? mailPortOf(ports.page));
    return {
      page,
      baseUrls,
      mail,
      ...takenBy(world),
      misbehave: rules.add,
      requests: counter.all,
      bill: bills.of,
      ...readingOf(shared),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const switchesOf = (rules: Rules) => ({
  misbehave: (body: unknown) => void rules.add(parseRule(body)),
  behave: rules.clear,
});

const takenBy = (world: World) => ({
  accepted: world.accepted,
  mails: () => world.mails().map(toAcceptedMail),
  speak: (visit: Visit) => speak(world, visit),
});

const readingOf = ({ world, audience }: Pick<MastodonContext, 'world' | 'audience'>) => ({
  opened(network: Network, id: string): Opened | undefined {
    const post = world.post(network, id);
    return post && clicksOf(world, audience, post);
  },
  readLinks: (door: string) => openReaders({ world, audience, door }),
});

const audienceOf = ({ audienceSeed = '', audienceSpeed = 1, imagine }: SandboxOptions) => ({
  seed: audienceSeed,
  speed: audienceSpeed,
  imagine,
});

function createApis(
  shared: MastodonContext,
  { clock, limitScale = 10, duplicateFor = hour }: SandboxOptions,
  bills: XBills,
): Record<Network, Api> {
  const rates = createRates(clock, limitScale);
  return {
    x: createXApi({ ...shared, duplicateFor }, rates, bills),
    bluesky: createBlueskyApi(shared, rates),
    mastodon: createMastodonApi(shared, rates),
  };
}

/** How often each route was asked. */
function createCounter() {
  const counts = new Map<string, RequestCount>();
  return {
    count(network: string, route: string) {
      const entry = counts.get(`${network} ${route}`) ?? { network, route, count: 0 };
      counts.set(`${network} ${route}`, { ...entry, count: entry.count + 1 });
    },
    all: () => [...counts.values()],
  };
}

function openServers(context: ServerContext, host = '127.0.0.1') {
  const running: Pick<RunningServer, 'close'>[] = [];
  return {
    async startMail(world: World, port: number) {
      const service = await startMailService({ ...context, world }, { host, port });
      running.push(service);
      return { host: service.host, port: service.port };
    },
    async start(api: Api, port: number): Promise<string> {
      const server = await startServer(context, { api, host, port });
      running.push(server);
      return server.origin;
    },
    async startAll(apis: Record<Network, Api>, ports: SandboxPorts) {
      const origins = byNetwork(() => '');
      for (const network of networks)
        origins[network] = await this.start(apis[network], ports[network]);
      return origins;
    },
    async close() {
      await Promise.all(running.splice(0).map((server) => server.close()));
    },
  };
}
