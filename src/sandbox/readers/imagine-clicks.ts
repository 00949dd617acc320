import { codesIn } from '../../core/clicks/counted-link.ts';
import { type Audience, followersOf, imagineTaps } from '../world/sandbox-audience.ts';
import { rowOf } from '../world/network-rows.ts';
import type { SandboxPost, World } from '../world/world.ts';

/** Who has opened the link of a post by now. */
export interface Opened {
  people: number;
  /** Requests of the network's own machines. */
  machines: number;
}

export function clicksOf(
  world: World,
  { seed, speed, imagine }: Audience,
  post: SandboxPost,
): Opened {
  const age = Math.max(0, world.clock.now() - post.at) * speed;
  const people = imagine
    ? 0
    : imagineTaps(post, { followers: followersOf(world, post), seed }, age);
  return { people, machines: rowOf(post.network).crawlers.length };
}

/** The codes of counted links in what people see of a post. */
export const codesOf = ({ text, card }: SandboxPost, door: string): string[] => [
  ...new Set(codesIn(`${text} ${card?.url ?? ''}`, door)),
];
