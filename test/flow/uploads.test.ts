import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { networks } from '../../src/core/network/network.ts';
import { minute } from '../../src/core/time.ts';
import {
  denseCadence,
  openMovableClock,
  openWorld,
  tuesday,
  until,
  untilQuiet,
  type World,
} from './world.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures', name));
const clip = fixture('clip.mp4');

const withClip = (text = 'A clip') => ({
  'posts/010-clip.md': `---\nmedia: [{ src: clip.mp4, alt: "Colours" }]\n---\n${text}\n`,
  'media/clip.mp4': clip,
});

const stateOf = async (world: World, id: string): Promise<{ state: string; reason?: string }> =>
  (await world.say(`show ${id}`)).deliveries[0];

const route = /media|uploadBlob/;

/** What is sent ahead on all three networks; returns what ends it. */
function spoil(world: World, how: Parameters<World['sandbox']['misbehave']>[0]['how']) {
  const ends = networks.map((network) => world.sandbox.misbehave({ network, how, route }));
  return () => ends.forEach((end) => end());
}

const stores = [
  { store: 'SQLite', mongoUri: undefined },
  ...(inject('mongoUri') ? [{ store: 'MongoDB', mongoUri: inject('mongoUri') }] : []),
];

describe.each(stores)('on $store', ({ mongoUri }) => {
  test('a video goes to all three networks once, and a text behind it does not wait for it', async () => {
    await using world = await openWorld({
      mongoUri,
      files: { ...withClip(), 'posts/020-text.md': 'A text' },
    });
    await using served = await world.serve();
    await world.say('resume');
    await until('six stand out there', () => world.sandbox.accepted().length >= 6);
    await untilQuiet(world, world.clock);
    for (const network of networks)
      expect(world.texts(network).toSorted()).toEqual(['A clip', 'A text']);
    await until('nothing is kept of the uploads', async () => {
      const kept = await served.context.store.listFacts('uploads:');
      return kept.length === 0;
    });
    const entries = await world.say<{ type: string; text?: string }[]>('journal');
    const waits = entries.filter(({ text = '' }) => text.includes(' waits: '));
    expect(waits.length).toBeLessThanOrEqual(3);
  });
});

test('what a network cannot process fails in its words, and `retry` sends it anew', async () => {
  await using world = await openWorld({ files: withClip() });
  const undo = spoil(world, 'processing-fails');
  await using _served = await world.serve();
  await world.say('resume');
  await until('it has failed where a network processes it', async () => {
    const states = await Promise.all(['x', 'masto'].map((name) => stateOf(world, `clip@${name}`)));
    return states.every(({ state }) => state === 'failed');
  });
  expect(world.sandbox.accepted().filter(({ network }) => network !== 'bluesky')).toEqual([]);
  undo();
  await world.say('retry clip@x');
  await until('it is out on X', () => world.texts('x').length === 1);
});

test('a network that never ends its work is waited for half an hour, and holds up nothing', async () => {
  const clock = openMovableClock(tuesday);
  await using world = await openWorld({ clock, files: withClip() });
  const undo = world.sandbox.misbehave({ network: 'x', how: 'processing-hangs' });
  await using _served = await world.serve();
  await world.say('resume');
  await until('the others are out', () => world.sandbox.accepted().length === 2);
  world.write({ 'posts/020-text.md': 'A text' });
  await until('the text is out on X', () => world.texts('x').includes('A text'));
  expect((await stateOf(world, 'clip@x')).state).toBe('planned');
  await until('it is given up', async () => {
    clock.move(minute);
    return (await stateOf(world, 'clip@x')).state === 'failed';
  });
  expect((await stateOf(world, 'clip@x')).reason).toMatch(/half an hour/);
  undo();
});

test('an upload that is cut off again and again ends well, once', async () => {
  const clock = openMovableClock(tuesday);
  await using world = await openWorld({ clock, files: withClip() });
  const undo = spoil(world, 'reset-midway');
  await using served = await world.serve();
  await world.say('resume');
  await until('it has gone wrong on all three', async () => {
    const facts = await served.context.store.listFacts<{ failures: number }>('uploads:');
    return facts.filter(({ value }) => value.failures > 0).length === 3;
  });
  expect(world.sandbox.accepted()).toEqual([]);
  undo();
  clock.move(10 * minute);
  await until('it is out on all three', () => world.sandbox.accepted().length >= 3);
  await untilQuiet(world, clock);
  expect(world.sandbox.accepted().length).toBe(3);
});

test('a file that fits nowhere fails with the line that makes it fit; corrected, it goes out', async () => {
  await using world = await openWorld({
    yaml: denseCadence,
    files: {
      'posts/010-clip.md': '---\nnetworks: [x]\nmedia: [clip.mp4]\n---\nA clip\n',
      'media/clip.mp4': clip.subarray(0, clip.length - 100),
    },
  });
  await using _served = await world.serve();
  await world.say('resume');
  await until('it has failed', async () => (await stateOf(world, 'clip')).state === 'failed');
  expect((await stateOf(world, 'clip')).reason).toMatch(/clip\.mp4 is damaged or was copied/);
  world.write({ 'media/clip.mp4': clip });
  await until('it is out', () => world.texts('x').length === 1);
});
