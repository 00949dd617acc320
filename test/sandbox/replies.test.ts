import { expect, test } from 'vitest';
import { countAudience } from '../../src/sandbox/world/sandbox-audience.ts';
import { defaultPeople, personId } from '../../src/sandbox/world/network-rows.ts';
import { repliesTo, repliesToAuthor } from '../../src/sandbox/world/audience-replies.ts';
import { openWorld, type SandboxPost, type World } from '../../src/sandbox/world/world.ts';
import { createClock, newFile } from './clients.ts';

const hour = 3_600_000;
const audience = { seed: 'replies', speed: 3 };
const clock = createClock();
const people = defaultPeople.map((person) => ({ ...person, followers: 200_000 }));

function addPost(world: World, network: SandboxPost['network'], id: string): SandboxPost {
  const person = people.find((one) => one.network === network)!;
  const post = {
    network,
    author: personId(person),
    handle: person.handle,
    id,
    url: '',
    text: 'Hello',
    at: clock.now(),
    pictures: [],
  };
  world.write([{ type: 'post', post }]);
  return post;
}

test('every reply of the audience is counted from its own instant on, and stays what it was', () => {
  const world = openWorld({ file: newFile(), clock, people, pageOrigin: () => '' });
  const posts = (['x', 'bluesky', 'mastodon'] as const).map((network) =>
    addPost(world, network, network === 'bluesky' ? 'at://a/app.bsky.feed.post/b' : '17'),
  );
  const seen = new Map(posts.map(({ network }) => [network, [] as string[]]));
  for (let looks = 0; looks < 60; looks++) {
    const before = clock.now();
    clock.move(looks < 40 ? 60_000 * (1 + looks) : 9 * hour);
    for (const post of posts) {
      const replies = repliesTo(world, audience, post);
      expect(replies.length).toBe(countAudience(world, audience, post).replies);
      const known = seen.get(post.network)!;
      expect(replies.slice(0, known.length).map(({ id }) => id)).toEqual(known);
      for (const { at } of replies.slice(known.length))
        expect([at >= before, at <= clock.now()]).toEqual([true, true]);
      seen.set(
        post.network,
        replies.map(({ id }) => id),
      );
    }
  }
  for (const post of posts) {
    const replies = repliesTo(world, audience, post);
    expect(replies.length).toBeGreaterThan(20);
    expect(new Set(replies.map(({ id }) => id)).size).toBe(replies.length);
    expect(repliesToAuthor({ world, audience }, post.network, post.author)).toEqual(replies);
    expect(repliesToAuthor({ world, audience }, post.network, 'somebody else')).toEqual([]);
  }
  world.close();
});
