import { commands } from '../../src/commands/all-commands.ts';
import type { CommandContext, Reply } from '../../src/commands/command.ts';
import type { Served } from '../../src/app.ts';
import { until, type World } from '../flow/world.ts';

/** Nothing goes out by itself within a test: what is released, a command has released. */
export const rareCadence = 'cadence: { perDay: 1, minGap: 1h }';

/** Another person, or another surface, says something. */
export function sayAs(world: World, served: Served, by: string, line: string): Promise<Reply> {
  const { store, clock } = served.context;
  const context: CommandContext = { store, clock, settings: world.config, by, version: 'test' };
  const [verb, ...args] = line.split(' ');
  const command = commands.find(({ name }) => name === verb);
  if (!command) throw new Error(`no command ${verb}`);
  return command.run(context, { args, options: {} });
}

export async function statesOf(world: World, id: string): Promise<Record<string, string>> {
  const { deliveries } = await world.say<{ deliveries: { delivery: string; state: string }[] }>(
    `show ${id}`,
  );
  return Object.fromEntries(deliveries.map(({ delivery, state }) => [delivery, state]));
}

export const stateOf = async (world: World, id: string): Promise<string | undefined> =>
  (await statesOf(world, id))[id];

export const untilState = (world: World, id: string, state: string) =>
  until(`${id} ${state}`, async () => (await stateOf(world, id)) === state);
