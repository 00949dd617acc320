import type { z } from 'zod';
import type { CommandContext } from '../../commands/command.ts';

export type Answer = Record<string, unknown>;

/** One thing that an agent may do. Throws a Refusal where it cannot be done. */
export interface Tool<I extends z.ZodObject = z.ZodObject> {
  name: string;
  title: string;
  /** What it is for, as the agent reads it. */
  description: string;
  input: I;
  output: z.ZodObject;
  /** It writes something; absent: it only looks. */
  writes?: true;
  run(context: CommandContext, input: z.output<I>): Promise<Answer>;
}

/** The input as `run` gets it follows from the schema. */
export const defineTool = <I extends z.ZodObject>(tool: Tool<I>): Tool => tool as unknown as Tool;
