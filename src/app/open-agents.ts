import type { CommandContext } from '../commands/command.ts';
import type { Config } from '../config/config.ts';
import { openScrubber } from '../io/scrub.ts';
import type { AgentDoor } from '../web/agent-door.ts';
import { openCommands } from './open-commands.ts';

type Warn = (text: string) => void;

const byOf = (name: string) => `agent:${name}`;

/** Of `/mcp`; undefined: it is off. Its code is loaded by the first request. */
export function agentDoorOf(
  { agents, secrets }: Config,
  context: CommandContext,
  warn: Warn,
): AgentDoor | undefined {
  if (!agents) return undefined;
  const { token, name, hosts } = agents;
  return {
    token,
    hosts,
    async open() {
      const { openAgentEndpoint } = await import('../agents/agent-http.ts');
      const scrub = openScrubber(secrets);
      return openAgentEndpoint({ context: { ...context, by: byOf(name) }, scrub, warn });
    },
  };
}

/** On standard input and output, beside a running service: through the store. */
export async function serveAgentBeside(
  config: Config,
  { name = config.agents?.name ?? 'agent', warn }: { name?: string | undefined; warn: Warn },
): Promise<void> {
  await using context = await openCommands(config, byOf(name));
  const { serveAgent } = await import('../agents/agent-stdio.ts');
  await serveAgent({ context, scrub: openScrubber(config.secrets), warn });
}
