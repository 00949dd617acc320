import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { type AgentParts, openAgentServer } from './agent-server.ts';

/** Until the agent closes the input. The output is for JSON-RPC alone. */
export async function serveAgent(parts: AgentParts): Promise<void> {
  const server = openAgentServer(parts);
  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) process.stdin.once(event, () => resolve());
  });
  const { warn } = parts;
  const handle = serveStdio(() => server.build(), { onerror: ({ message }) => warn(message) });
  await ended;
  await server.idle();
  await handle.close();
}
