import { expect } from 'vitest';
import { listStores } from '../real/real-world.ts';
import { openMovableClock, openWorld, tuesday, until, type World } from './world.ts';

interface Row {
  delivery: string;
  state: string;
  at?: string;
  why?: string;
  reason?: string;
}

const cadence = `cadence: { perDay: 2, minGap: 1h, windows: ["00:00-24:00"] }`;
const together = (text: string) => `---\ntogether: true\n---\n${text}`;

const rowsOf = async (world: World, post: string): Promise<Row[]> =>
  (await world.say<Row[]>('queue')).filter(({ delivery }) => delivery.startsWith(`${post}@`));

/** All of the post's accounts have a slot, at one instant. */
const untilShared = (world: World, post: string, count = 3) =>
  until(`${post} has one slot`, async () => {
    const rows = (await rowsOf(world, post)).filter(({ why = '' }) => why.startsWith('together'));
    const isOne = rows.length === count && new Set(rows.map(({ at }) => at)).size === 1;
    return isOne ? rows : undefined;
  });

for (const { store, uri: mongoUri, test: it } of listStores()) {
  it(`a post goes out on all its accounts at one time, and the reason says with whom (${store})`, async () => {
    await using world = await openWorld({
      mongoUri: mongoUri(),
      yaml: cadence,
      files: {
        'posts/010-a.md': 'One',
        'posts/020-b.md': together('Two'),
        'posts/030-c.md': 'Three',
      },
    });
    await using _served = await world.serve();
    const rows = await untilShared(world, 'b');
    expect(rows.map(({ why }) => why).sort()).toEqual([
      expect.stringMatching(/^together with .* and .*, the earliest time that all of them allow$/),
      expect.any(String),
      expect.any(String),
    ]);
    const others = await rowsOf(world, 'a');
    expect(new Set(others.map(({ at }) => at)).size).toBe(3);
    expect(others[0]?.why).toMatch(/^slot /);
  });

  it(`the cadence says it for every post; a file may say no (${store})`, async () => {
    await using world = await openWorld({
      mongoUri: mongoUri(),
      yaml: cadence.replace('{ ', '{ together: true, '),
      files: { 'posts/010-a.md': 'One', 'posts/020-b.md': '---\ntogether: false\n---\nTwo' },
    });
    await using _served = await world.serve();
    await untilShared(world, 'a');
    expect((await rowsOf(world, 'b')).some(({ why = '' }) => why.includes('together'))).toBe(false);
  });

  it(`an account that is paused does not hold the others up, and joins them when it is resumed (${store})`, async () => {
    await using world = await openWorld({
      mongoUri: mongoUri(),
      yaml: cadence,
      files: { 'posts/a.md': together('One') },
    });
    await using _served = await world.serve();
    await world.say('resume');
    await untilShared(world, 'a');
    await world.say('pause x');
    await until('the others are told', async () => {
      const why = (await rowsOf(world, 'a')).map((row) => row.why ?? '');
      return why.filter((one) => one.endsWith('; not with x: it is paused')).length === 2;
    });
    await world.say('resume x');
    await untilShared(world, 'a');
  });

  it(`an account that was moved has its own time; the others stay together (${store})`, async () => {
    await using world = await openWorld({
      mongoUri: mongoUri(),
      yaml: cadence,
      files: { 'posts/a.md': together('One') },
    });
    await using _served = await world.serve();
    await untilShared(world, 'a');
    await world.say('move a@x 2031-01-01T10:00');
    await until('the others are told', async () =>
      (await rowsOf(world, 'a')).some(({ why = '' }) =>
        why.endsWith('; not with x: it has a time of its own'),
      ),
    );
    await world.say('undo');
    await untilShared(world, 'a');
  });

  it(`it is published on all accounts at that instant, each by itself (${store})`, async () => {
    const clock = openMovableClock(tuesday);
    await using world = await openWorld({
      mongoUri: mongoUri(),
      yaml: cadence,
      files: { 'posts/a.md': together('One') },
      clock,
    });
    await using served = await world.serve();
    const [row] = await untilShared(world, 'a');
    await world.say('resume');
    clock.move(Date.parse(row?.at ?? '') - clock.now());
    const { store } = served.context;
    await until(
      'all are out',
      async () => (await store.countDeliveries({ states: ['released'] })) === 3,
    );
    const out = await store.listDeliveries({ states: ['released'] });
    expect(new Set(out.map(({ at }) => at))).toEqual(new Set([Date.parse(row?.at ?? '')]));
  });
}
