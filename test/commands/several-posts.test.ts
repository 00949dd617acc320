import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openWorld, until } from '../flow/world.ts';
import { openBrowser } from '../web/door-kit.ts';
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

describe('the name of a campaign', () => {
  const bytes = {
    'posts/010-a.md':
      '\uFEFF---\r\n# why\r\ntitle: "A"\r\ncampaign:   spring # old\r\n---\r\nOne\r\n',
    'posts/020-b.md': 'Two, without front matter',
    'posts/030-c.md': '---\ncampaign: autumn\n---\nThree\n',
  };
  const openBytes = async () => {
    const world = await openWorld({
      yaml: `${rareCadence}\ncampaigns: { spring: {} }`,
      files: bytes,
    });
    const read = () =>
      Promise.all(Object.keys(bytes).map((path) => readFile(join(world.folder, path), 'utf8')));
    return { world, read, all: Object.values(bytes) };
  };

  test('is known to the configuration or to another post, or is said to be new', async () => {
    const { world, read, all } = await openBytes();
    await using _world = world;
    await using served = await world.serve();
    await until('all have a slot', async () => (await onX(world.say)).length === 3);
    await expect(world.say('campaign a,b sprng')).rejects.toThrow(
      'there is no campaign "sprng": did you mean "spring"? If it is a new one, add `--new`',
    );
    await expect(world.say('campaign a autum')).rejects.toThrow('did you mean "autumn"?');
    const browser = openBrowser(served.web ?? '');
    const press = async (verb: string, fields: Record<string, string>) => {
      const csrf = await browser.token('/queue');
      await browser.post(`/do/${verb}`, { csrf, ...fields }, { origin: served.web ?? '' });
      return (await browser.get('/queue')).body;
    };
    const typed = { id: 'a', with: 'campaign', campaign: 'sprng' };
    expect(await press('campaign', typed)).toContain(
      'If it is a new one, tick “It is a new campaign”',
    );
    expect(await read()).toEqual(all);
    expect(await press('campaign', { ...typed, 'opt-new': 'true' })).toContain('/do/undo');
    expect((await read())[0]).toContain('campaign:   sprng # old\r\n');
    await press('undo', {});
    expect(await read()).toEqual(all);
    await world.say('campaign b autumn');
    await world.say('campaign a,b summer --new');
    expect((await read()).slice(0, 2)).toEqual([
      expect.stringContaining('campaign:   summer # old\r\n'),
      expect.stringContaining('campaign: summer'),
    ]);
  });

  test('is taken back byte for byte, all posts or none, and not where a file was changed since', async () => {
    const { world, read, all } = await openBytes();
    await using _world = world;
    await using served = await world.serve();
    await until('all have a slot', async () => (await onX(world.say)).length === 3);
    await world.say('campaign a,b,c summer --new');
    expect((await read()).every((text) => text.includes('summer'))).toBe(true);
    await world.say('undo');
    expect(await read()).toEqual(all);
    await expect(world.say('undo')).rejects.toThrow('there is nothing to take back');
    await world.say('campaign a,b,c none');
    const since = await read();
    expect(since.join()).not.toContain('campaign');
    await writeFile(join(world.folder, 'posts/030-c.md'), 'Changed since');
    await expect(world.say('undo')).rejects.toThrow(
      'posts/030-c.md was changed since. Nothing was taken back: edit the files',
    );
    expect(await read()).toEqual([...since.slice(0, 2), 'Changed since']);
    await writeFile(join(world.folder, 'posts/030-c.md'), since[2] ?? '');
    await world.say('undo');
    expect(await read()).toEqual(all);
    const told = await served.context.store.listJournal({ types: ['campaign', 'undone'] });
    expect(told.map(({ type }) => type)).toEqual([
      ...Array(3).fill('campaign'),
      'undone',
      ...Array(2).fill('campaign'),
      'undone',
    ]);
  });
});
