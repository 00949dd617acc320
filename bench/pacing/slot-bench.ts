import { policies } from './policies.ts';
import { simulate } from './simulate.ts';
import { createWorld, type WorldOptions } from './world.ts';

const mostPosts = 320;

export interface SlotOptions extends Omit<WorldOptions, 'posts' | 'weeks'> {
  /** The longest is played, the others are its beginnings. */
  horizons: readonly number[];
  policies?: readonly string[];
}

/**
 * By policy and horizon: expected echo, each channel in units of its own usual, summed over the
 * channels.
 */
export function slotWorld({
  horizons,
  policies: wanted = Object.keys(policies),
  ...options
}: SlotOptions): Record<string, number[]> {
  const world = createWorld({ ...options, weeks: Math.max(...horizons), posts: mostPosts });
  const means = world.channels.map(
    ({ level }) => level.reduce((sum, one) => sum + one, 0) / level.length,
  );
  return Object.fromEntries(
    wanted.map((name) => {
      const played = simulate(world, (policies[name] as (typeof policies)[string])(world));
      const totals = horizons.map((horizon) =>
        played.reduce(
          (sum, releases, c) =>
            sum +
            releases.reduce((own, { week, expected }) => own + (week < horizon ? expected : 0), 0) /
              (means[c] ?? 1),
          0,
        ),
      );
      return [name, totals];
    }),
  );
}
