import { Console } from 'node:console';
import { WrongUsage } from '../commands/command.ts';
import { agentName } from '../config/schema-values.ts';
import { openJsonLog } from '../io/log.ts';
import { serveAgentBeside } from '../app/open-agents.ts';
import type { CliContext } from './cli-context.ts';

/** Standard output is for JSON-RPC alone: what a library has to say goes where logs go. */
export async function mcp({ config, options }: CliContext): Promise<void> {
  globalThis.console = new Console(process.stderr);
  const { name } = options;
  if (name !== undefined && !(typeof name === 'string' && agentName.test(name)))
    throw new WrongUsage('--name takes lower-case letters, digits, - and _, such as claude');
  const { warn } = openJsonLog(config.secrets);
  await serveAgentBeside(config, { name, warn });
}
