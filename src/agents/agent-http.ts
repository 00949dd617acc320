import { createMcpHandler } from '@modelcontextprotocol/server';
import { type AgentParts, openAgentServer } from './agent-server.ts';
import { openLimit, requestRate } from './call-limit.ts';

export interface AgentEndpoint {
  answer(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/** Streams that listen for changes, of which there are none: few are kept open. */
const mostStreams = 8;
const mostBytes = 512 * 1024;

/** Who may ask is decided before. */
export function openAgentEndpoint(parts: AgentParts): AgentEndpoint {
  const server = openAgentServer(parts);
  const limit = openLimit(parts.context.clock, requestRate);
  const handler = createMcpHandler(() => server.build(), {
    maxSubscriptions: mostStreams,
    maxRequestBodySize: mostBytes,
  });
  return {
    async answer(request) {
      const wait = limit();
      if (wait === undefined) return handler.fetch(request);
      const headers = { 'Retry-After': String(wait) };
      return new Response('Too many requests: wait a moment.', { status: 429, headers });
    },
    async close() {
      await handler.close();
      await server.idle();
    },
  };
}
