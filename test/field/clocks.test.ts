import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ClockVote, judgeClocks } from '../../src/core/clock-votes.ts';
import { hour } from '../../src/core/time.ts';
import { readAccount } from '../../src/flow/facts.ts';
import { openWorld, quick, until, type World } from '../flow/world.ts';
import { inputs } from './kit.ts';

const runs = inputs(400, 20_000);

const vote = (account: string, skew: number): ClockVote => ({ account, server: account, skew });
const right = fc.integer({ min: -50_000, max: 50_000 });
const wrong = fc.oneof(
  fc.integer({ min: 70_000, max: 100 * hour }),
  fc.integer({ min: -100 * hour, max: -70_000 }),
);
const servers = fc.array(
  fc.oneof(
    right.map((skew) => ({ skew, isOff: false })),
    wrong.map((skew) => ({ skew, isOff: true })),
  ),
  { minLength: 1, maxLength: 7 },
);

test(`the verdict on the clocks does not depend on the order of the accounts (${runs} worlds)`, () => {
  fc.assert(
    fc.property(servers, fc.infiniteStream(fc.nat()), (all, chance) => {
      const votes = all.map(({ skew }, i) => vote(`a${i}`, skew));
      const shuffled = votes.toSorted(() => (chance.next().value % 2 ? 1 : -1));
      const [one, other] = [judgeClocks(votes), judgeClocks(shuffled)];
      expect(other.because).toBe(one.because);
      expect([...other.outliers].sort()).toEqual([...one.outliers].sort());
    }),
    { numRuns: runs },
  );
});

test(`most against us hold everything, one against the others itself alone (${runs} worlds)`, () => {
  fc.assert(
    fc.property(servers, (all) => {
      const { because, outliers } = judgeClocks(all.map(({ skew }, i) => vote(`a${i}`, skew)));
      const off = all.filter(({ isOff }) => isOff).length;
      const isOurs = off * 2 > all.length;
      expect(because !== undefined).toBe(isOurs);
      expect([...outliers.keys()]).toEqual(
        isOurs ? [] : all.flatMap(({ isOff }, i) => (isOff ? [`a${i}`] : [])),
      );
    }),
    { numRuns: runs },
  );
});

test('accounts on one server have one vote together', () => {
  const own = { server: 'here', skew: -hour };
  const votes = [
    vote('x', 0),
    vote('y', 0),
    ...['a', 'b', 'c'].map((account) => ({ account, ...own })),
  ];
  const { because, outliers } = judgeClocks(votes);
  expect(because).toBeUndefined();
  expect([...outliers.keys()]).toEqual(['a', 'b', 'c']);
  expect(outliers.get('a')).toBe(
    "a's clock is 1h behind the others. Publishing resumes when it agrees with them",
  );
});

const networks = ['x', 'bluesky', 'mastodon'] as const;
const files = { 'posts/1-a.md': 'Out.' };
const setWrong = (world: World, network: (typeof networks)[number]) =>
  world.sandbox.misbehave({ network, how: 'wrong-date', ms: hour });
const named = (world: World, network: string) =>
  world.config.accounts.find((one) => one.network === network)?.name ?? '';

test.each(networks)(
  'a wrong clock of %s holds its own account, with words, and nothing else',
  async (network) => {
    await using world = await openWorld({ files });
    const undo = setWrong(world, network);
    await using served = await world.serve();
    await world.say('resume');
    const others = networks.filter((one) => one !== network);
    await until('the others are out', () => others.every((one) => world.texts(one).length === 1));
    expect(world.texts(network)).toEqual([]);
    const name = named(world, network);
    expect(await readAccount(served.context.store, name)).toMatchObject({
      isClockWrong: true,
      heldBecause: expect.stringMatching(/'s clock is 1h ahead of the others/),
    });
    expect(served.context.hold.because).toBeUndefined();
    undo();
    await using _ = await restart(world, served);
    await until('it is out as well', () => world.texts(network).length === 1);
  },
);

async function restart(world: World, served: AsyncDisposable) {
  await served[Symbol.asyncDispose]();
  return world.serve();
}

test.each([
  ['x', 'bluesky'],
  ['bluesky', 'mastodon'],
  ['x', 'mastodon'],
  ['x', 'bluesky', 'mastodon'],
] as const)('where %s and %s disagree with this machine, everything is held', async (...wrong) => {
  await using world = await openWorld({ files });
  const undo = wrong.map((network) => setWrong(world, network as 'x'));
  await using served = await world.serve({ timing: quick });
  await world.say('resume');
  expect(served.context.hold.because).toMatch(/this machine's clock is 1h behind the clocks of/);
  for (const { name } of world.config.accounts)
    expect((await readAccount(served.context.store, name)).heldBecause).toBeUndefined();
  expect(world.sandbox.accepted()).toEqual([]);
  undo.forEach((one) => one());
  await until('all are out', () => networks.every((one) => world.texts(one).length === 1));
  expect(served.context.hold.because).toBeUndefined();
});
