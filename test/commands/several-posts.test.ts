import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWorld, until } from '../flow/world.ts';
import { rareCadence, sayAs, statesOf } from './kit.ts';

const files = {
  'posts/010-a.md': '---\n# why: a test\ntitle: "A"\nlang: en\n---\nOne',
  'posts/020-b.md': 'Two',
  'posts/030-c.md': 'Three',
  'posts/040-d.md': '---\napproval: required\n---\nFour',
};

const open = () => openWorld({ yaml: `${rareCadence}\ncampaigns: { spring: {} }`, files });

interface Row {
  delivery: string;
  at?: string;
}

const onX = async (say: <T>(line: string) => Promise<T>): Promise<string[]> =>
  (await say<Row[]>('queue')).flatMap(({ delivery, at }) =>
    delivery.endsWith('@x') && at !== undefined ? delivery : [],
  );

test('several posts go to the top or to the bottom in their order, and one undo takes it back', async () => {
  await using world = await open();
  await using _served = await world.serve();
  await until('all have a slot', async () => (await onX(world.say)).length === 3);
  await world.say('move b,c top');
  await until('both are first', async () => (await onX(world.say)).join() === 'b@x,c@x,a@x');
  await world.say('undo');
  await until('as before', async () => (await onX(world.say)).join() === 'a@x,b@x,c@x');
  await world.say('move a,b bottom');
  await until('both are last', async () => (await onX(world.say)).join() === 'c@x,a@x,b@x');
  await world.say('undo');
  await world.say('skip b,a');
  await until('in their order', async () => (await onX(world.say)).join() === 'c@x,a@x,b@x');
});

test('at a time the later ones keep the gap of their account', async () => {
  await using world = await open();
  await using _served = await world.serve();
  await until('all have a slot', async () => (await onX(world.say)).length === 3);
  await world.say('move a,b,c 2031-03-04T09:00');
  const rows = async () => (await world.say<Row[]>('queue --days=3000')).filter(({ at }) => at);
  await until('all are pinned', async () =>
    (await rows()).every(({ delivery, at }) => delivery.startsWith('d') || (at ?? '') > '2031'),
  );
  const hours = (await rows()).flatMap(({ delivery, at = '' }) =>
    at.startsWith('2031') && delivery.endsWith('@bsky') ? at.slice(11, 16) : [],
  );
  expect(hours).toEqual(['08:00', '09:00', '10:00']);
});

test('posts to which a verb does not apply are named; an unknown one changes nothing', async () => {
  await using world = await open();
  await using served = await world.serve();
  await until('all have a slot', async () => (await onX(world.say)).length === 3);
  await expect(world.say('withdraw a,nothing')).rejects.toThrow(/no post "nothing"/);
  expect(Object.values(await statesOf(world, 'a'))).not.toContain('withdrawn');
  const { text } = await sayAs(world, served, 'web', 'approve d,a');
  expect(text).toMatch(/^d@.* approved\. a was left out: it needs no approval\.$/);
  const told = await served.context.store.listJournal({ types: ['approved'] });
  expect(told).toHaveLength(3);
  const many = Array.from({ length: 101 }, (_, i) => `p${i}`).join();
  await expect(world.say(`skip ${many}`)).rejects.toThrow(/Select 100 at most/);
});

test('a campaign is written into the files, and those that cannot be changed are named', async () => {
  await using world = await open();
  await using served = await world.serve();
  await until('all have a slot', async () => (await onX(world.say)).length === 3);
  const at = (path: string) => join(world.config.folders.posts, path);
  await writeFile(at('030-c.md'), '---\ncampaign: *nowhere\n---\nThree');
  const { changed, left } = await world.say<{
    changed: string[];
    left: { file: string; why: string }[];
  }>('campaign a,b,c spring');
  expect(changed).toEqual(['posts/010-a.md', 'posts/020-b.md']);
  expect(left.map(({ file }) => file)).toEqual(['posts/030-c.md']);
  expect(await readFile(at('010-a.md'), 'utf8')).toBe(
    '---\n# why: a test\ntitle: "A"\nlang: en\ncampaign: spring\n---\nOne',
  );
  expect(await readFile(at('020-b.md'), 'utf8')).toContain('campaign: spring');
  const { store } = served.context;
  const campaignOf = async (id: string) => (await store.findDelivery(id))?.terms.campaign;
  await until('they are read', async () => (await campaignOf('b@x')) === 'spring');
  await world.say('campaign b none');
  await until('it is read', async () => (await campaignOf('b@x')) === undefined);
  expect(await readFile(at('020-b.md'), 'utf8')).not.toContain('campaign');
});
