import type { Config } from '../config/config.ts';
import type { Terminal } from './terminal.ts';

export interface CliContext {
  folder: string;
  config: Config;
  terminal: Terminal;
  options: Record<string, string | boolean | readonly string[] | undefined>;
  args: string[];
}
