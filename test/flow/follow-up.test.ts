import { expect, test } from 'vitest';
import { measureDue } from '../../src/flow/measure/measure.ts';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { hour } from '../../src/core/time.ts';
import { measuredSoon, openMovableClock, openWorld, until } from './world.ts';

const rule = (text: string) => `---\nid: hello\nfollowUps:\n${text}\n---\nHello there.`;
const threshold = rule(
  '  - { when: "likes >= 20", within: 1h, as: reply, text: "The full story." }',
);

test('a post that passes its threshold on one network alone is followed there alone, as a reply to it, once', async () => {
  await using world = await openWorld({
    files: { 'posts/hello.md': threshold },
    imagine: ({ network, text }) => ({
      likes: network === 'bluesky' && text === 'Hello there.' ? 25 : 3,
    }),
  });
  await using _served = await world.serve({ timing: measuredSoon });
  await world.say('resume');
  const reply = await until('the follow-up', () =>
    world.sandbox.accepted().find(({ text }) => text === 'The full story.'),
  );
  const parent = world.sandbox
    .accepted()
    .find(({ network, text }) => network === 'bluesky' && text === 'Hello there.');
  expect([reply.network, reply.inReplyTo]).toEqual(['bluesky', parent?.id]);
  await until(
    'it is known',
    async () => (await world.say('show hello.f1')).deliveries[0].state === 'released',
  );
  const shown = await world.say('show hello');
  const samples = Object.fromEntries(
    shown.deliveries.map((one: any) => [one.delivery, one.samples.at(-1)]),
  );
  expect(samples['hello@bsky']).toMatchObject({ likes: 25, reposts: 0, replies: 0, quotes: 0 });
  expect('views' in samples['hello@bsky']).toBe(false);
  expect(samples['hello@x']).toMatchObject({ likes: 3, views: 0 });
  expect(world.texts('x')).toEqual(['Hello there.']);
  expect(world.texts('mastodon')).toEqual(['Hello there.']);
  const followed = (await world.say('journal')).filter(
    ({ type }: { type: string }) => type === 'followed',
  );
  expect(followed).toEqual([expect.objectContaining({ delivery: 'hello@bsky', by: 'dripline' })]);
});

const dense = 'cadence: { perDay: 170000, windows: ["00:00-24:00"], minGap: 0s }';
const series = rule(`  - when: likes >= 20
    within: 3s
    as: reply
    text: Step two.
    followUps:
      - { when: "likes >= 20", within: 2s, as: reply, text: "Step three, yes." }
      - { otherwise: true, as: quote, text: "Step three, otherwise." }
  - { otherwise: true, as: post, post: second-hook }`);
const hook = '---\nqueue: none\n---\nThe second hook.';

/** Who likes what is decided by the text and the network: nobody has to be lucky. */
const liked =
  (likes: Record<string, string[]>) =>
  ({ network, text }: { network: string; text: string }) => ({
    likes: likes[text]?.includes(network) ? 30 : 2,
  });

test.each(['all is well', 'every other look fails'])(
  'a series of three steps takes the branch that its audience chose, and none by an outage: %s',
  async (how) => {
    await using world = await openWorld({
      yaml: dense,
      files: { 'posts/hello.md': series, 'posts/second-hook.md': hook },
      imagine: liked({ 'Hello there.': ['bluesky', 'mastodon'], 'Step two.': ['mastodon'] }),
    });
    if (how !== 'all is well') {
      const looks = {
        x: '^GET /2/users/[^/]+/tweets',
        bluesky: 'getPosts',
        mastodon: '^GET /api/v1/statuses',
      } as const;
      for (const network of ['x', 'bluesky', 'mastodon'] as const)
        world.sandbox.misbehave({ network, route: looks[network], every: 2, how: '503' });
    }
    await using served = await world.serve({ timing: measuredSoon });
    await world.say('resume');
    const expected = {
      x: ['Hello there.', 'The second hook.'],
      bluesky: ['Hello there.', 'Step two.', 'Step three, otherwise.'],
      mastodon: ['Hello there.', 'Step two.', 'Step three, yes.'],
    };
    await until(
      'all three branches',
      () =>
        Object.entries(expected).every(
          ([network, texts]) => world.texts(network).length >= texts.length,
        ),
      30_000,
    );
    for (const [network, texts] of Object.entries(expected))
      expect(world.texts(network)).toEqual(texts);
    // Each `otherwise` was said after a look at or behind its deadline.
    const samples = await served.context.store.listSamples({ delivery: 'hello@x' });
    expect(
      Math.max(...samples.map(({ at, releasedAt }) => at - releasedAt)),
    ).toBeGreaterThanOrEqual(3000);
    await until(
      'the receipts',
      async () => (await served.context.store.countDeliveries({ states: ['released'] })) === 8,
    );
    const shown = await world.say('show hello');
    expect(
      shown.followUps.map(({ post, deliveries }: any) => [
        post,
        deliveries.map((one: any) => `${one.delivery} ${one.state}`).sort(),
      ]),
    ).toEqual([
      ['hello.f1', ['hello.f1@bsky released', 'hello.f1@masto released']],
      ['second-hook', ['second-hook@x released']],
    ]);
  },
);

test('an alarm that rings twice, and two looks at once, send one follow-up', async () => {
  await using world = await openWorld({
    yaml: dense,
    files: { 'posts/hello.md': threshold },
    imagine: liked({ 'Hello there.': ['bluesky'] }),
  });
  await using served = await world.serve({
    timing: { ...measuredSoon, measureAges: [3_600_000], measureEvery: 3_600_000 },
  });
  await world.say('resume');
  const { context } = served;
  const parent = await until('the release', async () => {
    const one = await context.store.findDelivery('hello@bsky');
    return one?.state === 'released' ? one : undefined;
  });
  await context.store.changeDelivery(parent, { ...parent, measureAt: 1 });
  const look = () =>
    measureDue(context, 'bsky', {
      looking: { until: 0, failures: 0 },
      signal: AbortSignal.timeout(5000),
      withAccount: (work) => work(),
    });
  await Promise.all([look(), look(), look()]);
  await until('the follow-up', () => world.texts('bluesky').includes('The full story.'));
  await until(
    'its receipt',
    async () => (await context.store.findDelivery('hello.f1@bsky'))?.state === 'released',
  );
  await look();
  expect(world.texts('bluesky')).toEqual(['Hello there.', 'The full story.']);
  expect(await context.store.listJournal({ types: ['followed'] })).toHaveLength(1);
});

test('where a network takes no reply the rule says whether it is posted on its own or skipped', async () => {
  const rules = (otherwise: string) =>
    rule(
      `  - { when: "likes >= 20", within: 1h, as: reply, text: "The full story.", else: ${otherwise} }`,
    );
  await using world = await openWorld({
    yaml: dense,
    files: {
      'posts/hello.md': rules('post'),
      'posts/other.md': rules('skip').replace('id: hello', 'id: other').replace('Hello', 'Hi'),
    },
    imagine: ({ network, text }) => ({
      likes: network === 'mastodon' && !text.startsWith('The') ? 30 : 0,
    }),
  });
  await using served = await world.serve({ timing: measuredSoon });
  // The posts are deleted by hand right after their release: nothing can answer them any more, and
  // nothing does.
  const [, , mastodon] = defaultPeople;
  const { publishers } = served.context;
  const publisher = publishers.get('masto');
  if (!publisher) throw new Error('no publisher');
  const measure = publisher.measure.bind(publisher);
  publisher.measure = async (receipts, signal) => {
    const measured = await measure(receipts, signal);
    const parents = new Set(
      world.sandbox.accepted().flatMap(({ id, text }) => (text.startsWith('H') ? [id] : [])),
    );
    for (const { id } of receipts.filter((receipt) => parents.has(receipt.id)))
      await fetch(`${world.sandbox.baseUrls.mastodon}/api/v1/statuses/${id}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${mastodon.token}` },
      });
    return measured;
  };
  await world.say('resume');
  await until('both outcomes', async () => {
    const [own, skipped] = await Promise.all([
      served.context.store.findDelivery('hello.f1@masto'),
      served.context.store.findDelivery('other.f1@masto'),
    ]);
    return own?.state === 'released' && skipped?.state === 'skipped';
  });
  const stories = world.sandbox.accepted().filter(({ text }) => text === 'The full story.');
  expect(stories.map(({ network, inReplyTo }) => [network, inReplyTo])).toEqual([
    ['mastodon', undefined],
  ]);
  expect((await world.say('show other.f1')).deliveries[0].reason).toContain('takes no reply');
});

test('a post that somebody deletes on the network is noticed, and nothing follows it', async () => {
  const clock = openMovableClock(Date.parse('2026-11-24T08:00:00Z'));
  await using world = await openWorld({
    clock,
    yaml: dense,
    files: {
      'posts/hello.md': rule('  - { when: "age >= 4h", within: 1d, as: reply, text: "Late." }'),
    },
    imagine: () => ({ likes: 1 }),
  });
  await using served = await world.serve({ timing: measuredSoon });
  await world.say('resume');
  await until(
    'all three releases',
    async () => (await served.context.store.countDeliveries({ states: ['released'] })) === 3,
  );
  const posted = world.sandbox.accepted().find(({ network }) => network === 'mastodon');
  const [, , mastodon] = defaultPeople;
  await fetch(`${world.sandbox.baseUrls.mastodon}/api/v1/statuses/${posted?.id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${mastodon.token}` },
  });
  clock.move(5 * hour);
  await until(
    'the others’ follow-ups',
    () => world.texts('bluesky').includes('Late.') && world.texts('x').includes('Late.'),
  );
  clock.move(5 * hour);
  const entry = await until('the notice', async () =>
    (await world.say('journal')).find(({ type }: { type: string }) => type === 'deleted'),
  );
  expect(entry).toMatchObject({
    delivery: 'hello@masto',
    text: expect.stringContaining('no longer there'),
  });
  expect(
    (await world.say('show hello')).deliveries.find(({ account }: any) => account === 'masto')
      .standing[0],
  ).toContain('deleted');
  expect(world.texts('mastodon')).toEqual([]);
});

test('a follow-up that finds no room within perDay waits until its time ends, and expires with a reason', async () => {
  await using world = await openWorld({
    yaml: 'cadence: { perDay: 1, windows: ["00:00-24:00"], days: [mon, tue, wed, thu, fri, sat, sun], minGap: 0s }',
    files: {
      'posts/hello.md': rule(
        '  - { when: "likes >= 20", within: 3s, as: reply, text: "The full story." }',
      ),
    },
    imagine: () => ({ likes: 30 }),
  });
  await using _served = await world.serve({ timing: measuredSoon });
  await world.say('resume');
  await world.say('now hello@bsky');
  const waiting = await until(
    'it waits',
    async () => (await world.say('show hello.f1').catch(() => undefined))?.deliveries[0],
  );
  expect(waiting.state).not.toBe('released');
  const expired = await until('its end', async () => {
    await world.say('move hello@x top');
    const [one] = (await world.say('show hello.f1')).deliveries;
    return one.state === 'expired' && one;
  });
  expect(expired.reason).toContain('no room within perDay');
  expect(world.texts('bluesky')).toEqual(['Hello there.']);
});

test('people’s replies are handed to the operator, each once', async () => {
  await using world = await openWorld({
    yaml: dense,
    files: { 'posts/hello.md': 'Hello there.' },
    imagine: (_, age) => ({ replies: age > 300 ? 2 : 0 }),
  });
  await using _served = await world.serve({ timing: measuredSoon });
  await world.say('resume');
  const replies = async () =>
    (await world.say('journal')).filter(({ type }: { type: string }) => type === 'reply');
  await until('six replies', async () => (await replies()).length >= 6);
  const seen = await replies();
  expect(new Set(seen.map(({ url }: any) => url)).size).toBe(seen.length);
  expect(new Set(seen.map(({ delivery }: any) => delivery))).toEqual(
    new Set(['hello@x', 'hello@bsky', 'hello@masto']),
  );
  expect(seen[0].text).toMatch(/ replied to hello@\w+: .+ \(https?:/);
});

test('typical is what the account’s own posts come to: a post that does far better is followed, and show tells what the others lack', async () => {
  const best = rule(
    '  - { when: "likes >= 2 * typical", within: 1h, as: quote, text: "So many of you." }',
  );
  const others = Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [
      `posts/${100 + i}-p${i}.md`,
      `---\nnetworks: bsky\n---\nUsual ${i}.`,
    ]),
  );
  await using world = await openWorld({
    yaml: dense,
    files: {
      ...others,
      'posts/900-hello.md': best.replace('id: hello', 'id: hello\nnetworks: bsky'),
      'posts/910-meh.md': best
        .replace('id: hello', 'id: meh\nnetworks: bsky')
        .replace('there', 'again'),
    },
    imagine: ({ text }) => ({ likes: text === 'Hello there.' ? 400 : 0 }),
  });
  await using served = await world.serve({
    timing: { ...measuredSoon, measureAges: [200, 400, 800] },
  });
  // The curve's hours are long compared with this test: the posts are told to be old.
  const { store, clock } = served.context;
  await store.addSamples(
    Array.from({ length: 8 }, (_, i) => {
      const releasedAt = clock.now() - (10 - i) * 86_400_000;
      return {
        delivery: `old${i}@bsky`,
        post: `old${i}`,
        account: 'bsky',
        network: 'bluesky' as const,
        releasedAt,
        at: releasedAt + 172_800_000,
        counts: { likes: 6 + (i % 4), reposts: 0, replies: 0, quotes: 0 },
      };
    }),
  );
  await world.say('resume');
  const quote = await until('the follow-up', () =>
    world.sandbox.accepted().find(({ text }) => text.startsWith('So many of you.')),
  );
  expect(quote.network).toBe('bluesky');
  const meh = await until('it was looked at', async () => {
    const [one] = (await world.say('show meh')).deliveries;
    return one.samples.length ? one : undefined;
  });
  expect(meh.standing[0]).toMatch(/likes >= 2 \* typical \(likes 0\): needs about \d+ more/);
  expect(world.sandbox.accepted().filter(({ text }) => text.startsWith('So many'))).toHaveLength(1);
});
