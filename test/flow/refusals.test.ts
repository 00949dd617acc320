import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { minute } from '../../src/core/time.ts';
import { changeAccount, readAccount } from '../../src/flow/facts.ts';
import { type Publisher, PublishError } from '../../src/ports/publisher.ts';
import { openMovableClock, openWorld, quick, tuesday, until, type World } from './world.ts';

interface Shown {
  deliveries: { delivery: string; state: string; reason?: string; receipts: { id: string }[] }[];
}

const show = async (world: World, post: string, account: string) =>
  (await world.say<Shown>(`show ${post}`)).deliveries.find(
    ({ delivery }) => delivery === `${post}@${account}`,
  );

const ended = (world: World, post: string, account: string) =>
  until(`the outcome of ${post}@${account}`, async () => {
    const one = await show(world, post, account);
    return one && ['released', 'failed', 'uncertain'].includes(one.state) ? one : undefined;
  });

/** Files that differ, whatever they say. */
const only = (network: string, text: string, weight = 1) =>
  `---\nnetworks: [${network}]\nweight: ${weight}\n---\n${text}\n`;
const same = 'The shop is open again.';

test('X refuses the same text of another post: it is failed in the words of X, and never the other one', async () => {
  await using world = await openWorld({
    files: { 'posts/1-a.md': only('x', same), 'posts/2-b.md': only('x', same, 2) },
  });
  await using _served = await world.serve();
  await world.say('resume');
  expect((await ended(world, 'a', 'x')).state).toBe('released');
  const b = await ended(world, 'b', 'x');
  expect(b.state).toBe('failed');
  expect(b.reason).toContain('duplicate content');
  expect(b.reason).toContain('change the text');
  expect(world.texts('x')).toEqual([same]);
  world.write({ 'posts/2-b.md': only('x', 'The shop is open once more.') });
  await until('the corrected text', () => world.texts('x').length === 2);
});

for (const how of ['reset-before', 'reset-after-commit'] as const)
  test(`Mastodon, ${how}: a look-up never takes the same text of another post`, async () => {
    const files = { 'posts/1-a.md': only('mastodon', same) };
    await using world = await openWorld({ files });
    await using _served = await world.serve();
    await world.say('resume');
    await ended(world, 'a', 'masto');
    world.sandbox.misbehave({ network: 'mastodon', route: 'POST /api/v1/statuses', times: 1, how });
    world.write({ 'posts/2-b.md': only('mastodon', same, 2) });
    await until('both are out', async () => {
      const journal = await world.say<{ type: string }[]>('journal');
      return journal.filter(({ type }) => type === 'released').length === 2;
    });
    const ids = world.sandbox.accepted().map(({ id }) => id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
    const journal = await world.say<{ type: string; url: string }[]>('journal');
    const urls = journal.filter(({ type }) => type === 'released').map(({ url }) => url);
    expect(new Set(urls).size).toBe(2);
  });

test('on X an unknown outcome says what X said, and what was not found is uncertain', async () => {
  await using world = await openWorld({ files: { 'posts/a.md': only('x', 'Overloaded.') } });
  await using _served = await world.serve();
  world.sandbox.misbehave({ network: 'x', route: 'POST /2/tweets', times: 1, how: '503' });
  await world.say('resume');
  const a = await ended(world, 'a', 'x');
  expect(a.state).toBe('uncertain');
  expect(a.reason).toMatch(/^X answered 503: Service Unavailable, and the post is not on/);
});

test('two posts that say the same, and one that stands on the account of an empty store: one of them goes out', async () => {
  await using world = await openWorld({ files: { 'posts/1-a.md': only('mastodon', same) } });
  {
    await using _first = await world.serve();
    await world.say('resume');
    await ended(world, 'a', 'masto');
  }
  rmSync(join(world.folder, 'data'), { recursive: true });
  world.write({ 'posts/2-b.md': only('mastodon', same, 2) });
  await using _served = await world.serve();
  await world.say('resume');
  const both = [await ended(world, 'a', 'masto'), await ended(world, 'b', 'masto')];
  expect(both.map(({ state }) => state)).toEqual(['released', 'released']);
  expect(world.texts('mastodon')).toEqual([same, same]);
});

test('a wait that the network asked for holds a thread that is found, and is not taken back by it', async () => {
  const clock = openMovableClock(tuesday);
  await using world = await openWorld({
    clock,
    files: { 'posts/1-t.md': only('mastodon', 'One\n\n---\nTwo\n\n---\nThree') },
  });
  await using served = await world.serve({ timing: { ...quick, lookGapFor: 2000 } });
  const { store } = served.context;
  const route = 'POST /api/v1/statuses';
  world.sandbox.misbehave({ network: 'mastodon', route, times: 1, how: 'reset-after-commit' });
  await world.say('resume');
  const left = await until('a lost answer', async () => {
    const one = await store.findDelivery('t@masto');
    return one?.state === 'releasing' && one.lookAt !== undefined ? one : undefined;
  });
  expect(left.intent?.sending?.answer?.said).toContain('the connection to Mastodon broke');
  const backoffUntil = clock.now() + 10 * minute;
  await changeAccount(store, 'masto', (fact) => ({ ...fact, backoffUntil, isAskedToWait: true }));
  const found = await until('the first part is found', async () => {
    const one = await store.findDelivery('t@masto');
    return one?.receipts.length === 1 && one.lookAt !== undefined ? one : undefined;
  });
  expect(found.lookAt).toBe(backoffUntil);
  expect(world.texts('mastodon')).toEqual(['One']);
  expect((await readAccount(store, 'masto')).backoffUntil).toBe(backoffUntil);
  clock.move(11 * minute);
  expect((await ended(world, 't', 'masto')).state).toBe('released');
  expect(world.texts('mastodon')).toEqual(['One', 'Two', 'Three']);
});

test('a store that hangs before a socket was opened leaves nothing uncertain, and opens none later', async () => {
  await using world = await openWorld({ files: { 'posts/a.md': only('x', 'Slow store.') } });
  await using served = await world.serve();
  const { publishers } = served.context;
  const real = publishers.get('x')!;
  const late = Promise.withResolvers<unknown>();
  let isFirst = true;
  const slow: Publisher = {
    ...real,
    async publish(payload, call) {
      if (!isFirst) return real.publish(payload, call);
      isFirst = false;
      setTimeout(() => {
        try {
          late.resolve(call.mayOpen());
        } catch (error) {
          late.resolve(error);
        }
      }, 300);
      throw new PublishError('unknown', 'no answer in time');
    },
  };
  (publishers as Map<string, Publisher>).set('x', slow);
  await world.say('resume');
  await until('it is deferred', async () =>
    (await world.say<{ type: string }[]>('journal')).some(({ type }) => type === 'deferred'),
  );
  expect(await late.promise).toMatchObject({ kind: 'not-sent' });
  expect(world.texts('x')).toEqual([]);
});

const thread = (...parts: string[]) => only('x', parts.join('\n\n---\n'), 2);

test('a thread whose later part was refused goes on by itself with what its corrected file says', async () => {
  await using world = await openWorld({ files: { 'posts/1-a.md': only('x', 'Part two.') } });
  await using _served = await world.serve();
  await world.say('resume');
  await ended(world, 'a', 'x');
  world.write({ 'posts/2-t.md': thread('Part one.', 'Part two.', 'Part three.') });
  const failed = async () => {
    const journal = await world.say<{ type: string; text: string }[]>('journal');
    return journal.find(({ type }) => type === 'failed');
  };
  expect((await until('its refusal', failed)).text).toMatch(
    /after 1 of 3 parts.*Correct the parts/,
  );
  const corrected = ['Part one, edited.', 'Part two, better.', 'Part three.', 'Part four.'];
  world.write({ 'posts/2-t.md': thread(...corrected) });
  expect(await until('its end', () => isReleased(world, 't@x'))).toBe(true);
  expect(world.texts('x')).toEqual(['Part two.', 'Part one.', ...corrected.slice(1)]);
  const answers = world.sandbox.accepted().slice(1);
  expect(answers.slice(1).map(({ inReplyTo }) => inReplyTo)).toEqual(
    answers.slice(0, -1).map(({ id }) => id),
  );
});

test('a broken thread whose file asks for no further part ends with those that are out', async () => {
  await using world = await openWorld({ files: { 'posts/1-a.md': only('x', 'Part two.') } });
  await using _served = await world.serve();
  await world.say('resume');
  await ended(world, 'a', 'x');
  world.write({ 'posts/2-t.md': thread('Part one.', 'Part two.') });
  await until('its refusal', async () =>
    (await world.say<{ type: string }[]>('journal')).some(({ type }) => type === 'failed'),
  );
  await world.say('pause');
  world.write({ 'posts/2-t.md': thread('Part one.') });
  await until('its edit', async () =>
    (await world.say<{ type: string }[]>('journal')).some(({ type }) => type === 'edited'),
  );
  expect((await show(world, 't', 'x'))?.state).toBe('failed');
  await world.say('resume');
  await world.say('retry t@x');
  expect(await until('its end', () => isReleased(world, 't@x'))).toBe(true);
  expect(world.texts('x')).toEqual(['Part two.', 'Part one.']);
});

async function isReleased(world: World, delivery: string): Promise<boolean> {
  const journal = await world.say<{ type: string; delivery?: string }[]>('journal');
  return journal.some((entry) => entry.type === 'released' && entry.delivery === delivery);
}
