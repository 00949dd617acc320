import { join } from 'node:path';
import {
  Client,
  InMemoryTransport,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OldStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import * as oldHttp from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { AgentServer } from '../../src/agents/agent-server.ts';
import type { Served } from '../../src/app.ts';
import { openWorld, type World, type WorldOptions } from '../flow/world.ts';

export const token = 'a-token-of-an-agent-for-tests';

export interface Called {
  isError: boolean;
  /** What an agent reads that knows no structured content. */
  text: string;
  json: any;
}

export interface Agent extends AsyncDisposable {
  call(name: string, input?: Record<string, unknown>): Promise<Called>;
  tools(): Promise<{ name: string; inputSchema: any; annotations?: any }[]>;
  instructions(): string;
}

interface Answering {
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<any>;
  listTools(): Promise<{ tools: any[] }>;
  getInstructions(): string | undefined;
  close(): Promise<void>;
}

const toAgent = (client: Answering): Agent => ({
  async call(name, input = {}) {
    const { isError, content, structuredContent } = await client.callTool({
      name,
      arguments: input,
    });
    return { isError: isError === true, text: content[0].text, json: structuredContent };
  },
  tools: async () => (await client.listTools()).tools,
  instructions: () => client.getInstructions() ?? '',
  [Symbol.asyncDispose]: () => client.close(),
});

const self = { name: 'test', version: '1' };

type Headers = Record<string, string>;
const bearer: Headers = { authorization: `Bearer ${token}` };

/** The clients that agents use: of the new protocol, of the one before, and the old library. */
export const clients = ['new', 'legacy', 'old'] as const;
type Kind = (typeof clients)[number];

export async function connect(kind: Kind, url: string, headers = bearer): Promise<Agent> {
  const options = { requestInit: { headers } };
  if (kind === 'old') {
    const client = new OldClient(self);
    await client.connect(new oldHttp.StreamableHTTPClientTransport(new URL(url), options) as never);
    return toAgent(client as Answering);
  }
  const client = openNew(kind);
  await client.connect(new StreamableHTTPClientTransport(new URL(url), options));
  return toAgent(client as Answering);
}

const openNew = (kind: Kind) =>
  new Client(self, { versionNegotiation: { mode: kind === 'new' ? 'auto' : 'legacy' } });

/** Without a network between. */
export async function connectInMemory(server: AgentServer): Promise<Agent> {
  const [here, there] = InMemoryTransport.createLinkedPair();
  await server.build().connect(there as never);
  const client = openNew('legacy');
  await client.connect(here);
  return toAgent(client as Answering);
}

const program = join(import.meta.dirname, '../../bin/dripline.js');

/** `dripline mcp` as a process of its own. */
export async function spawnAgent(kind: Kind, cwd: string, args: string[] = []): Promise<Agent> {
  const child = { command: process.execPath, args: [program, 'mcp', ...args], cwd };
  if (kind === 'old') {
    const client = new OldClient(self);
    await client.connect(new OldStdio(child));
    return toAgent(client as Answering);
  }
  const client = openNew(kind);
  await client.connect(new StdioClientTransport(child));
  return toAgent(client as Answering);
}

export interface AgentWorld extends AsyncDisposable {
  world: World;
  served: Served;
  url: string;
}

/** A service with a token for agents, whose first release is an hour away. */
export async function openAgentWorld({
  yaml = `agents: { token: ${token}, name: tester }`,
  ...rest
}: WorldOptions = {}): Promise<AgentWorld> {
  await using stack = new AsyncDisposableStack();
  const cadence = 'cadence: { perDay: 1, minGap: 1h }';
  const world = stack.use(await openWorld({ yaml: `${cadence}\n${yaml}`, ...rest }));
  const served = stack.use(await world.serve());
  const all = stack.move();
  return {
    world,
    served,
    url: `${served.web}/mcp`,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
