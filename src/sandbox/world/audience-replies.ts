import { createHash } from 'node:crypto';
import type { Network } from '../../core/network/network.ts';
import type { Instant } from '../../core/time.ts';
import { followersOf, imagineReplies, type Audience } from './sandbox-audience.ts';
import { idAt } from './ids.ts';
import { personId, rowOf } from './network-rows.ts';
import type { SandboxPost, World } from './world.ts';

/**
 * What a person of the audience wrote under a post. No file holds it: asked again, it is the
 * same.
 */
export interface AudienceReply {
  id: string;
  /** Who the network says that they are. */
  author: string;
  handle: string;
  name: string;
  text: string;
  at: Instant;
  inReplyTo: string;
}

/**
 * The replies that `countAudience` counts for the audience, each from the moment on at which it is
 * counted; oldest first.
 */
export function repliesTo(
  world: World,
  { seed, speed, imagine }: Audience,
  post: SandboxPost,
): AudienceReply[] {
  const { network, id: inReplyTo, at: postedAt } = post;
  const age = Math.max(0, world.clock.now() - postedAt) * speed;
  const moments = imagine
    ? Array.from({ length: imagine(post, age).replies ?? 0 }, (_, i) => (i + 1) * speed)
    : imagineReplies(post, { followers: followersOf(world, post), seed }, age);
  return moments.map((repliedAfter) => {
    const at = postedAt + Math.floor(repliedAfter / speed);
    // By its moment and not by its place: one that comes later changes none of the others.
    const digest = createHash('sha256').update(`${seed} ${inReplyTo} ${repliedAfter}`).digest();
    const pick = (from: readonly string[], place: number) =>
      from[digest.readUInt16BE(place) % from.length] ?? '';
    const name = pick(names, 0);
    const handle = rowOf(network).handleOf(
      `${name.toLowerCase()}${10 + (digest.readUInt16BE(2) % 90)}`,
    );
    const author = personId({ network, handle });
    const own = idAt(network, at, digest.readUInt32BE(8));
    return {
      id: rowOf(network).postId(author, own),
      author,
      handle,
      name,
      text: pick(texts, 4),
      at,
      inReplyTo,
    };
  });
}

/** The same for all posts of an author, oldest reply first. */
export function repliesToAuthor(
  { world, audience }: { world: World; audience: Audience },
  network: Network,
  author: string,
): AudienceReply[] {
  const posts = world.posts(network).filter((post) => post.author === author);
  return posts.flatMap((post) => repliesTo(world, audience, post)).sort((a, b) => a.at - b.at);
}

const names = [
  'Ada',
  'Bruno',
  'Carla',
  'Dawit',
  'Edda',
  'Farid',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Kemal',
  'Lena',
  'Mira',
  'Nils',
  'Olga',
  'Paul',
  'Rosa',
  'Sami',
  'Thea',
  'Uwe',
  'Vera',
  'Wim',
  'Yara',
  'Zoe',
] as const;

const texts = [
  'Thanks, that is just what I was looking for.',
  'Does this work on a phone as well?',
  'I tried it last week and it held up.',
  'How much does it cost?',
  'Not sure I agree, but well put.',
  'Where can I read more about this?',
  'We do it the other way round & never looked back.',
  'Can you say a bit more about the second point?',
  'Saved for later 👍',
  'Is there an English version, or <only> this one?',
  'This made my morning.',
  'Ich hätte dazu eine Frage: gilt das auch für kleine Teams?',
  'Sharing this with my team.',
  'It does not work for me. What am I doing wrong?',
  'More of this, please!',
  'Who took the picture?',
] as const;
