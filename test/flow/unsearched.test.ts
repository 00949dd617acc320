import { expect, test } from 'vitest';
import { hour, minute } from '../../src/core/time.ts';
import { PublishError, type Publisher } from '../../src/ports/publisher.ts';
import { openMovableClock, openWorld, quick, tuesday, until } from './world.ts';

const timing = { ...quick, lookGapFor: 10, sweepEvery: 50 };
const away = new PublishError('not-sent', 'the line is down');

/** What was sent is lost, or the answer to the first of it is; no search gets through. */
function breakLine(publisher: Publisher, arrives: boolean) {
  const { publish } = publisher;
  const line = { isDown: true, sent: [] as unknown[], searches: 0 };
  publisher.publish = async (payload, call) => {
    line.sent.push(payload);
    if (!line.isDown) return publish(payload, call);
    if (arrives && line.sent.length === 1) await publish(payload, call);
    else call.mayOpen();
    throw new PublishError('unknown', 'no answer in time');
  };
  const { lookUp } = publisher;
  publisher.lookUp = async (payload, options) => {
    line.searches++;
    if (line.isDown) throw away;
    return lookUp(payload, options);
  };
  return line;
}

test.each([
  ['masto', 'mastodon', false],
  ['masto', 'mastodon', true],
  ['bsky', 'bluesky', false],
  ['bsky', 'bluesky', true],
] as const)(
  'on %s the very same request is sent again where no search works (on %s; it had arrived: %s)',
  async (account, network, arrives) => {
    await using world = await openWorld({
      files: { 'posts/a.md': `---\nnetworks: [${network}]\n---\nA` },
    });
    await using served = await world.serve({ timing });
    const line = breakLine(served.context.publishers.get(account)!, arrives);
    await world.say('resume');
    await until('it is sent again', () => line.sent.length >= 2);
    line.isDown = false;
    await until('it is out', async () => {
      const found = await served.context.store.findDelivery(`a@${account}`);
      return found?.state === 'released';
    });
    expect(new Set(line.sent.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(world.texts(network)).toEqual(['A']);
  },
);

test.each([
  ['x', 'x'],
  ['masto', 'mastodon'],
  ['bsky', 'bluesky'],
] as const)(
  'on %s someone is told once when no search works for an hour, and nothing goes out twice',
  async (account, network) => {
    const clock = openMovableClock(tuesday);
    await using world = await openWorld({
      clock,
      files: { 'posts/a.md': `---\nnetworks: [${network}]\n---\nA` },
    });
    await using served = await world.serve({ timing });
    const { store } = served.context;
    const line = breakLine(served.context.publishers.get(account)!, true);
    await world.say('resume');
    await until('a search', () => line.searches > 0);
    const notices = async () =>
      (await store.listJournal({ types: ['notice'] })).filter(({ id }) =>
        id.startsWith('unsearched:'),
      );
    await until('it is told', async () => {
      clock.move(10 * minute);
      return (await notices()).length > 0;
    });
    clock.move(2 * hour);
    const before = line.searches;
    await until('more searches', () => {
      clock.move(10 * minute);
      return line.searches > before + 2;
    });
    const [notice, ...more] = await notices();
    expect(more).toEqual([]);
    expect(notice?.text).toMatch(/^For an hour .* whether a@.* was published: .*line is down/);
    line.isDown = false;
    await until('it is settled', async () => {
      clock.move(10 * minute);
      return (await store.findDelivery(`a@${account}`))?.state === 'released';
    });
    expect(world.texts(network)).toEqual(['A']);
  },
);
