import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { isbot } from 'isbot';
import { judgeClick } from '../core/clicks/judge-click.ts';
import type { Caller } from '../io/incoming/caller.ts';
import type { Client, ClickCounter } from './click-counter.ts';
import { absentPage, doorHeaders, laterPage } from './door-pages.ts';
import type { Found, KnownLinks } from './known-links.ts';
import type { StepClicks } from './people/step-clicks.ts';

export interface Env {
  Bindings: HttpBindings;
}

export interface LinkParts {
  links: KnownLinks;
  counter: ClickCounter;
  /** Clicks on links of messages; absent: nobody is written to, and they lead on alone. */
  steps?: Pick<StepClicks, 'hit'> | undefined;
  /** To a site that tells visits, a token goes along. */
  leadTo?: ((location: string, code: string) => string) | undefined;
  /** Browsers tell it what they fetch for. */
  isTrustworthy: boolean;
  callerOf(request: HttpBindings['incoming'] | undefined): Caller;
}

/** `/l/CODE`: leads to the address that was in the post or message, and nowhere else. */
export function addLinkRoutes(app: Hono<Env>, parts: LinkParts): void {
  app.get('/l/:code', async (c) => answer(c, parts, await parts.links.find(c.req.param('code'))));
}

function answer(c: Context<Env>, parts: LinkParts, found: Found): Response | Promise<Response> {
  if (found === 'absent') return c.html(absentPage(), 404, doorHeaders);
  if (found === 'unknown') return c.html(laterPage(), 503, { ...doorHeaders, 'Retry-After': '30' });
  const { code, delivery, location, isOfStep } = found;
  const { kind, client } = judge(c, parts);
  if (isOfStep) parts.steps?.hit({ code, dispatch: delivery, url: location, kind, client });
  else parts.counter.hit({ code, delivery, kind, client });
  const led = isOfStep ? (parts.leadTo?.(location, code) ?? location) : location;
  return c.body(null, 302, { ...doorHeaders, Location: led });
}

const mostOfAgent = 500;
const mostAgents = 500;
const agents = new Map<string, boolean>();

/** Few agents are most of all requests, and the pattern is long. */
function isKnownBot(agent = ''): boolean {
  const known = agents.get(agent);
  if (known !== undefined) return known;
  if (agents.size >= mostAgents) agents.clear();
  const is = isbot(agent);
  agents.set(agent, is);
  return is;
}

/** Who sent it; a script of a page goes nowhere, and is judged as if it did. */
export function judge(
  c: Context<Env>,
  { isTrustworthy, callerOf }: Pick<LinkParts, 'isTrustworthy' | 'callerOf'>,
  isScript = false,
) {
  const header = (name: string) => c.req.header(name);
  const agent = header('user-agent')?.slice(0, mostOfAgent);
  const kind = judgeClick({
    method: isScript ? 'GET' : c.req.method,
    agent,
    isKnownBot: isKnownBot(agent),
    purpose: header('sec-purpose') ?? header('purpose') ?? header('x-purpose') ?? header('x-moz'),
    fetchMode: isScript ? header('sec-fetch-mode') && 'navigate' : header('sec-fetch-mode'),
    isTrustworthy,
  });
  return {
    kind,
    client: kind === 'machine' ? undefined : clientOf(callerOf(c.env.incoming), agent),
  };
}

const clientOf = ({ address, isHidden }: Caller, agent = ''): Client | undefined =>
  isHidden ? undefined : { address, agent };
