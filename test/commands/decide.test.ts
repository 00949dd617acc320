import { expect, test } from 'vitest';
import { openMovableClock, openWorld, until } from '../flow/world.ts';
import { day } from '../../src/core/time.ts';
import { rareCadence, sayAs, stateOf, statesOf, untilState } from './kit.ts';
import { xClient } from '../sandbox/clients.ts';

const approval = '---\napproval: required\nnetworks: [x]\n---\n';

test('approval holds for the text that was approved: an edited text asks again', async () => {
  await using world = await openWorld({
    yaml: rareCadence,
    files: { 'posts/a.md': `${approval}First text` },
  });
  await using _served = await world.serve();
  await world.say('resume');
  expect((await world.say('show a')).deliveries[0]).toMatchObject({
    state: 'waiting',
    reason: 'waits for approval',
  });
  await expect(world.say('now a')).rejects.toThrow('a@x waits for approval');
  await world.say('approve a');
  await untilState(world, 'a@x', 'planned');
  await expect(world.say('approve a')).rejects.toThrow('a@x is approved');
  world.write({ 'posts/a.md': `${approval}Second text` });
  await until('it asks again', async () =>
    /waits for approval again/.test((await world.say('show a')).deliveries[0].reason ?? ''),
  );
  await world.say('approve a');
  await world.say('undo');
  await untilState(world, 'a@x', 'waiting');
  await world.say('approve a');
  expect((await world.say('now a'))[0]).toMatchObject({ state: 'released' });
  expect(world.texts('x')).toEqual(['Second text']);
});

test('a post that was rejected or withdrawn by a person stays so when its file is saved again, until that is taken back', async () => {
  await using world = await openWorld({
    yaml: rareCadence,
    files: { 'posts/a.md': `${approval}A`, 'posts/b.md': '---\nnetworks: [bluesky]\n---\nB' },
  });
  await using _served = await world.serve();
  await world.say('resume');
  await world.say('reject a');
  await expect(world.say('reject b')).rejects.toThrow(
    'b@bsky needs no approval: `withdraw` takes it back',
  );
  await world.say('withdraw b');
  world.write({
    'posts/a.md': `${approval}A, better`,
    'posts/b.md': '---\nnetworks: [bluesky]\n---\nB, better',
  });
  await until(
    'both edits are seen',
    async () =>
      (await world.say('journal')).filter(({ type }: { type: string }) => type === 'edited')
        .length === 2,
  );
  expect([await stateOf(world, 'a@x'), await stateOf(world, 'b@bsky')]).toEqual([
    'withdrawn',
    'withdrawn',
  ]);
  await expect(world.say('withdraw b')).rejects.toThrow('b@bsky was withdrawn');
  await world.say('undo');
  await untilState(world, 'b@bsky', 'planned');
  await world.say('undo');
  await untilState(world, 'a@x', 'waiting');
});

test("undo is its speaker's own: nobody takes back what another has said", async () => {
  await using world = await openWorld({
    yaml: rareCadence,
    files: { 'posts/a.md': 'A', 'posts/b.md': 'B' },
  });
  await using served = await world.serve();
  await world.say('skip a@x --for-good');
  await sayAs(world, served, 'telegram:7', 'withdraw b@x');
  await world.say('undo');
  expect(await stateOf(world, 'b@x')).toBe('withdrawn');
  await untilState(world, 'a@x', 'planned');
  await sayAs(world, served, 'telegram:7', 'undo');
  await untilState(world, 'b@x', 'planned');
  const said = (await world.say('journal')).filter(({ type }: { type: string }) =>
    ['skipped', 'withdrawn', 'undone'].includes(type),
  );
  expect(said.map(({ type, by }: { type: string; by: string }) => `${type} ${by}`)).toEqual([
    'skipped cli',
    'withdrawn telegram:7',
    'undone cli',
    'undone telegram:7',
  ]);
});

test('a failed release is tried again, a thread that broke in the middle goes on behind its last part', async () => {
  await using world = await openWorld({
    yaml: rareCadence,
    files: {
      'posts/a.md': `---\nnetworks: [x]\n---\nOne\n\n---\n${'x'.repeat(200)}\n\n---\nThree`,
    },
  });
  await using served = await world.serve();
  await world.say('resume');
  // The second part is refused for good, as a network may refuse anything.
  const publisher = served.context.publishers.get('x');
  if (!publisher) throw new Error('no publisher');
  const { prepare } = publisher;
  const { PublishError } = await import('../../src/ports/publisher.ts');
  publisher.prepare = async (request, signal) => {
    if (request.index === 1) throw new PublishError('refused', 'X does not like it');
    return prepare(request, signal);
  };
  expect(await sayOutcome(world, 'now a')).toMatchObject({
    state: 'failed',
    reason: 'X does not like it',
  });
  expect(world.texts('x')).toEqual(['One']);
  await expect(world.say('now a')).rejects.toThrow('has 1 part published: use `retry a@x`');
  await expect(world.say('move a top')).rejects.toThrow('a@x has failed');
  await world.say('pause');
  await expect(world.say('retry a')).rejects.toThrow('paused');
  await world.say('resume');
  publisher.prepare = prepare;
  await world.say('retry a');
  await untilState(world, 'a@x', 'released');
  expect(world.texts('x')).toEqual(['One', 'x'.repeat(200), 'Three']);
  const posts = world.sandbox.accepted();
  expect(posts.slice(1).map(({ inReplyTo }) => inReplyTo)).toEqual(
    posts.slice(0, 2).map(({ id }) => id),
  );
});

test('an uncertain release is settled either way, and a word alone can be taken back', async () => {
  await using world = await openWorld({
    yaml: rareCadence,
    files: {
      'posts/a.md': '---\nnetworks: [x]\n---\nA',
      'posts/b.md': '---\nnetworks: [x]\n---\nB',
    },
  });
  await using _served = await world.serve();
  await world.say('resume');
  const undo = world.sandbox.misbehave({
    network: 'x',
    route: 'POST /2/tweets',
    how: 'reset-before',
  });
  for (const id of ['a', 'b']) {
    await world.say(`now ${id} --wait=0`);
    await untilState(world, `${id}@x`, 'uncertain');
  }
  undo();
  for (const line of ['now a', 'move a top', 'withdraw a', 'skip a', 'retry a'])
    await expect(world.say(line)).rejects.toThrow(/a@x is uncertain.*`settle`/);
  await expect(world.say('settle a maybe')).rejects.toThrow('use `settle ID released URL`');
  await expect(world.say('settle a released')).rejects.toThrow('the URL of the post is missing');
  for (const [address, why] of [
    ['javascript:alert(1)', 'is not a web address'],
    ['https://x.com/dripline', 'is not the address of a post'],
    ['https://example.com/whatever/12345', 'example.com is not X'],
    ['https://bsky.app/profile/dripline.test/post/3kabc', 'bsky.app is not X'],
    ['https://x.com/somebody/status/12345', 'the post belongs to @somebody'],
  ])
    await expect(world.say(`settle a released ${address}`)).rejects.toThrow(why);
  expect(await world.say('settle a released https://x.com/dripline/status/12345/photo/1')).toEqual([
    { delivery: 'a@x', state: 'released' },
  ]);
  expect((await world.say('show a')).deliveries[0].receipts).toMatchObject([
    { id: '12345', url: `${world.sandbox.page}/dripline/status/12345` },
  ]);
  await world.say('undo');
  expect(await stateOf(world, 'a@x')).toBe('uncertain');
  await world.say('settle a released https://x.com/dripline/status/12345');
  await world.say('settle b not-released');
  await until('b has a slot again', async () =>
    ['planned', 'queued'].includes((await stateOf(world, 'b@x')) ?? ''),
  );
  await world.say('now b');
  expect(world.texts('x')).toEqual(['B']);
  await expect(world.say('settle b not-released')).rejects.toThrow(
    'b@x is published, not uncertain',
  );
});

test('a thread that became uncertain in the middle goes on from what a person says, and waits while paused', async () => {
  await using world = await openWorld({
    yaml: rareCadence,
    files: Object.fromEntries(
      ['a', 'b'].map((id) => [
        `posts/${id}.md`,
        `---\nnetworks: [x]\n---\nOne ${id}\n\n---\nTwo ${id}\n\n---\nThree ${id}`,
      ]),
    ),
  });
  await using _served = await world.serve();
  await world.say('resume');
  for (const id of ['a', 'b']) {
    const undo = world.sandbox.misbehave({
      network: 'x',
      route: 'POST /2/tweets',
      how: 'reset-before',
      every: 2,
      times: 1,
    });
    await world.say(`now ${id} --wait=0`);
    await untilState(world, `${id}@x`, 'uncertain');
    undo();
  }
  await world.say('settle a not-released');
  await untilState(world, 'a@x', 'released');
  await world.say('pause');
  const taken = world.sandbox.accepted().find(({ text }) => text === 'Three a');
  await expect(world.say(`settle b released ${taken?.url}`)).rejects.toThrow('is a@x');
  await xClient(world.sandbox.baseUrls.x).v2.tweet('The second, by hand');
  const named = world.sandbox.accepted().find(({ text }) => text === 'The second, by hand');
  expect(await world.say(`settle b released ${named?.url}`)).toEqual([
    { delivery: 'b@x', state: 'failed' },
  ]);
  await world.say('resume');
  await world.say('retry b');
  await untilState(world, 'b@x', 'released');
  expect(world.sandbox.accepted().find(({ text }) => text === 'Three b')?.inReplyTo).toBe(
    named?.id,
  );
  expect(world.texts('x').filter((text) => text.endsWith('a'))).toEqual([
    'One a',
    'Two a',
    'Three a',
  ]);
  expect(world.texts('x').filter((text) => text === 'Two b')).toEqual([]);
  expect((await world.say('show b')).deliveries[0].receipts[1].url).toBe(named?.url);
});

test('a pin that passed while paused becomes missed, is told, and comes back by retry, now or move', async () => {
  const clock = openMovableClock();
  const pin = (minutes: number) =>
    new Date(clock.now() + minutes * 60_000).toISOString().slice(0, 16);
  const at = `---\nnetworks: [mastodon]\ndate: "${pin(10)}Z"\n---\n`;
  await using world = await openWorld({
    clock,
    yaml: rareCadence,
    files: { 'posts/a.md': `${at}A`, 'posts/b.md': `${at}B`, 'posts/c.md': `${at}C` },
  });
  await using _served = await world.serve();
  await world.say('resume');
  await world.say('pause');
  clock.move(27 * 60_000);
  await until(
    'all are missed',
    async () =>
      (await world.say('status')).failures.filter(
        ({ state }: { state: string }) => state === 'missed',
      ).length === 3,
  );
  const told = (await world.say('journal')).filter(
    ({ type }: { type: string }) => type === 'missed',
  );
  expect(told.map(({ delivery }: { delivery: string }) => delivery).sort()).toEqual([
    'a@masto',
    'b@masto',
    'c@masto',
  ]);
  expect(told[0].text).toContain('`move ');
  await world.say('resume');
  await world.say('retry a');
  await untilState(world, 'a@masto', 'planned');
  await world.say('now b --wait=0');
  await untilState(world, 'b@masto', 'released');
  await world.say('move c 2d');
  await untilState(world, 'c@masto', 'planned');
  expect(
    Math.abs(Date.parse((await world.say('show c')).deliveries[0].at) - clock.now() - 2 * day),
  ).toBeLessThan(60_000);
  expect(world.texts('mastodon')).toEqual(['B']);
});

async function sayOutcome(world: Awaited<ReturnType<typeof openWorld>>, line: string) {
  return (await world.say<{ state: string; reason?: string }[]>(line))[0];
}

test('an id that is half right is told what was meant, and a run of an evergreen can be named', async () => {
  await using world = await openWorld({
    files: {
      'posts/hello.md':
        '---\nnetworks: [bluesky]\nevergreen: { every: 60d, times: 2, variants: ["Hello again"] }\n---\nHello',
    },
  });
  await using _served = await world.serve();
  await world.say('resume');
  await untilState(world, 'hello@bsky', 'released');
  await until('the second run', async () =>
    Object.keys(await statesOf(world, 'hello')).includes('hello~2@bsky'),
  );
  expect(Object.keys(await statesOf(world, 'hello~2'))).toEqual(['hello~2@bsky']);
  expect((await world.say('skip hello~2 --for-good')).skipped).toEqual(['hello~2@bsky']);
  await expect(world.say('show helo')).rejects.toThrow(
    'there is no post "helo": did you mean "hello"?',
  );
  await expect(world.say('show hello@x')).rejects.toThrow('there is no post "hello@x"');
});
