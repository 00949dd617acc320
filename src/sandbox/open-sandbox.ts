import { byNetwork, networks, type Network } from '../core/network/network.ts';
import { hour } from '../core/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Audience } from './world/sandbox-audience.ts';
import { createBlueskyApi } from './bluesky/api.ts';
import type { Api } from './http/routing.ts';
import { createMastodonApi } from './mastodon/api.ts';
import { createRules, parseRule, type Rule } from './http/misbehaviour.ts';
import { createPageApi } from './timeline/timeline-page.ts';
import { defaultPeople, type SandboxAccount } from './world/network-rows.ts';
import { createRates } from './http/quotas.ts';
import { startServer, type RequestCount, type RunningServer } from './http/api-server.ts';
import { openWorld, type AcceptedPost } from './world/world.ts';
import { createXApi } from './x/api.ts';
import { createXBills, type XBill } from './x/bill.ts';

export { defaultPeople } from './world/network-rows.ts';
export type {
  BlueskyPerson,
  MastodonPerson,
  SandboxAccount,
  XPerson,
} from './world/network-rows.ts';
export type { Misbehaviour, Rule } from './http/misbehaviour.ts';
export type { RequestCount } from './http/api-server.ts';
export type { AcceptedPost } from './world/world.ts';
export type { XBill } from './x/bill.ts';

export type SandboxPorts = Record<'page' | Network, number>;

/** The page's, and those of the networks behind it; 0: any that are free. */
const portsFrom = (page: number): SandboxPorts => ({
  page,
  ...byNetwork((network) => (page === 0 ? 0 : page + 1 + networks.indexOf(network))),
});

export const defaultPorts = portsFrom(4331);

export interface SandboxOptions {
  /** JSON lines: all that the networks accepted. Pictures lie in a folder beside it. */
  file: string;
  host?: string;
  /** Of the page; the networks take those behind it. 0: any that are free. Default 4331. */
  port?: number;
  /** For single servers; 0: any that is free. */
  ports?: Partial<SandboxPorts>;
  clock: Clock;
  people?: SandboxAccount[];
  /**
   * Multiplies the networks' rate limits. The sandbox does in seconds what takes hours out there,
   * so 10 unless said.
   */
  limitScale?: number;
  /**
   * How long X refuses the same text of the same account. Nobody outside knows the real time; an
   * hour unless said.
   */
  duplicateFor?: number;
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
  /** What stands there now, oldest first. */
  accepted(): AcceptedPost[];
  /** Returns what undoes it. */
  misbehave(rule: Rule): () => void;
  /** How often each route was asked, since the start. */
  requests(): RequestCount[];
  /** What X would have billed an account since the start. */
  bill(handle: string): XBill;
  close(): Promise<void>;
}

/**
 * Three networks and a page, on loopback. Throws a Refusal when a port is taken or the file is
 * damaged.
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { file, host = '127.0.0.1', clock, people = defaultPeople } = options;
  const ports = { ...portsFrom(options.port ?? defaultPorts.page), ...options.ports };
  const world = openWorld({ file, clock, people });
  const rules = createRules();
  const counts = new Map<string, RequestCount>();
  const running: RunningServer[] = [];
  const count = (network: string, route: string) => {
    const entry = counts.get(`${network} ${route}`) ?? { network, route, count: 0 };
    counts.set(`${network} ${route}`, { ...entry, count: entry.count + 1 });
  };
  const close = async () => {
    await Promise.all(running.splice(0).map((server) => server.close()));
    world.close();
  };
  const start = async (api: Api, port: number) => {
    const server = await startServer({ clock, rules, count }, { api, host, port });
    running.push(server);
    return server.origin;
  };
  const rates = createRates(clock, options.limitScale ?? 10);
  const audience = {
    seed: options.audienceSeed ?? '',
    speed: options.audienceSpeed ?? 1,
    imagine: options.imagine,
  };
  const requests = () => [...counts.values()];
  const bills = createXBills(clock);
  try {
    let page = '';
    const shared = { world, audience, pageOrigin: () => page };
    page = await start(
      createPageApi({
        ...shared,
        requests,
        bills: bills.all,
        misbehave: (body) => rules.add(parseRule(body)),
        behave: rules.clear,
      }),
      ports.page,
    );
    const apis: Record<Network, Api> = {
      x: createXApi({ ...shared, duplicateFor: options.duplicateFor ?? hour }, rates, bills),
      bluesky: createBlueskyApi(shared, rates),
      mastodon: createMastodonApi(shared, rates),
    };
    const baseUrls = byNetwork(() => '');
    for (const network of networks) baseUrls[network] = await start(apis[network], ports[network]);
    return {
      page,
      baseUrls,
      accepted: world.accepted,
      misbehave: rules.add,
      requests,
      bill: bills.of,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
