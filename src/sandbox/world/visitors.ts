import type { Network } from '../../core/network/network.ts';
import { recordCid } from '../bluesky/cbor.ts';
import { personId, rowOf } from './network-rows.ts';
import type { Event, SandboxPost, World } from './world.ts';

/** What somebody of the audience writes under a post, as an account of its own would. */
export interface Visit {
  network: Network;
  /** Without a host. */
  name: string;
  handle: string;
  text: string;
  /** A post that stands there. */
  inReplyTo: string;
}

export const visitorHandle = (network: Network, name: string, number: number): string =>
  rowOf(network).handleOf(`${name.toLowerCase()}${number}`);

/** Returns the id; undefined where there is no such post, or the person has said it already. */
export function speak(world: World, visit: Visit): string | undefined {
  const { network, handle, text, inReplyTo } = visit;
  const author = personId({ network, handle });
  const isSaid = world
    .posts(network)
    .some((post) => post.author === author && post.inReplyTo === inReplyTo && post.text === text);
  if (isSaid || !world.post(network, inReplyTo)) return undefined;
  const id = rowOf(network).postId(author, world.ids.next(network));
  world.write(eventsOf(world, visit, { id, author }));
  return id;
}

function eventsOf(
  world: World,
  { network, handle, text, inReplyTo, name }: Visit,
  { id, author }: { id: string; author: string },
): Event[] {
  const at = world.clock.now();
  const post: SandboxPost = {
    network,
    author,
    handle,
    visitor: name,
    id,
    url: world.urlOf({ network, handle, id }),
    text,
    at,
    inReplyTo,
    pictures: [],
    language: 'en',
  };
  const parent = world.record(inReplyTo);
  if (!parent) return [{ type: 'post', post }];
  const ref = { uri: inReplyTo, cid: parent.cid };
  const { root } = (parent.value['reply'] ?? {}) as { root?: object };
  const value = {
    $type: 'app.bsky.feed.post',
    text,
    createdAt: new Date(at).toISOString(),
    langs: ['en'],
    reply: { root: root ?? ref, parent: ref },
  };
  const cid = recordCid(value);
  const record = { uri: id, cid, value, at };
  return [
    { type: 'record', record },
    { type: 'post', post: { ...post, cid } },
  ];
}
