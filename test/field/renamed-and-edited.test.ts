import { rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { problemsFact, readFact } from '../../src/flow/facts.ts';
import { openWorld, until, type World } from '../flow/world.ts';

const files = {
  'posts/010-launch.md': 'Going out now to all of our friends in the garden',
  'posts/020-other.md': 'Something else that stays',
  'posts/030-more.md': 'A third one that stays',
};

const rename = (world: World, from: string, to: string, text: string) => {
  unlinkSync(join(world.folder, from));
  world.write({ [to]: text });
};

/** Small edits that people make while they rename a file. */
const edits = {
  'a sign more': `${files['posts/010-launch.md']}!`,
  'another case': files['posts/010-launch.md'].toUpperCase(),
  'a link more': `${files['posts/010-launch.md']} https://example.com/x`,
  'a word more': `${files['posts/010-launch.md']} today`,
};

test.each(Object.entries(edits))(
  'a published post that is renamed and edited (%s) is not published again unasked',
  async (_what, text) => {
    await using world = await openWorld({ yaml: 'cadence: { perDay: 1, minGap: 1h }', files });
    await using served = await world.serve();
    const { context } = served;
    const { store } = context;
    await until(
      'a plan',
      async () => (await store.listDeliveries({ post: 'launch' })).length === 3,
    );
    await world.say('resume');
    await world.say('now launch@masto');
    rename(world, 'posts/010-launch.md', 'posts/011-going-out.md', text);
    const problem = await until(
      'it is told',
      async () => (await readFact(store, problemsFact))['011-going-out.md']?.[0],
    );
    expect(problem).toMatchObject({
      what: expect.stringMatching(/^nearly repeats .*010-launch\.md, which is published and gone$/),
      hint: expect.stringContaining('add `id: launch` if the file was renamed'),
    });
    expect(await store.findPost('going-out')).toBeUndefined();
    world.write({ 'posts/011-going-out.md': `---\nid: launch\n---\n${text}` });
    await until('it is the same post', async () =>
      (await store.findPost('launch'))?.path.includes('011-going-out'),
    );
    expect(world.texts('mastodon')).toEqual([files['posts/010-launch.md']]);
    rmSync(join(world.folder, 'posts/011-going-out.md'));
  },
);

test('another text in the place of a deleted one is a post as ever', async () => {
  await using world = await openWorld({ yaml: 'cadence: { perDay: 1, minGap: 1h }', files });
  await using served = await world.serve();
  const { store } = served.context;
  await until('a plan', async () => (await store.listDeliveries({ post: 'launch' })).length === 3);
  await world.say('resume');
  await world.say('now launch@masto');
  rename(world, 'posts/010-launch.md', 'posts/011-news.md', 'Quite another thing to say today');
  await until('it is a post', async () => (await store.findPost('news')) !== undefined);
});
