import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Served } from '../../src/app.ts';
import { openWorld, type World } from '../flow/world.ts';

const hardForms: [string, [string, string][]][] = [
  [
    'follow-ups',
    [
      ['rule-if', 'when'],
      ['rule-when', 'likes > 1'],
      ['rule-text', 'more'],
    ],
  ],
  [
    'pictures',
    [
      ['media-src', 'a.png'],
      ['media-alt', 'A'],
    ],
  ],
];

/** Double clicks, two tabs, a button while the page saves itself: what two requests do. */
describe('a page that sends more than once', () => {
  let world: World;
  let served: Served;
  const all = new AsyncDisposableStack();
  beforeAll(async () => {
    world = all.use(await openWorld({ files: {} }));
    served = all.use(await world.serve());
  });
  afterAll(() => all.disposeAsync());

  type Fields = Record<string, string>;
  const accounts = () =>
    served.context.settings.accounts.map(({ name }): [string, string] => ['account', name]);
  function withFile(fields: [string, string][], file: File) {
    const form = new FormData();
    for (const [name, value] of fields) form.append(name, value);
    form.append('picture', file);
    return form;
  }
  /** A page as a browser keeps it: its cookie and its hidden fields. */
  async function openTab(path = '/write') {
    const page = await fetch(`${served.web}${path}`);
    const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? '';
    const body = await page.text();
    const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1];
    const sent = ['csrf', 'ticket', 'mode', 'file', 'base'].map((one): [string, string] => [
      one,
      hidden(one) ?? '',
    ]);
    return async (fields: Fields, to = '/write', more: [string, string][] | File = []) => {
      const own = sent.filter(([name]) => !(name in fields));
      const all = [...own, ...accounts(), ...Object.entries(fields)];
      const form =
        more instanceof File ? withFile(all, more) : new URLSearchParams([...all, ...more]);
      const headers = { cookie };
      const options = { method: 'POST', redirect: 'manual', headers, body: form } as const;
      const answer = await fetch(`${served.web}${to}`, options);
      return {
        status: answer.status,
        to: answer.headers.get('location') ?? '',
        text: await answer.text(),
      };
    };
  }
  const posts = () => world.config.folders.posts;
  const named = (word: string) =>
    readdirSync(posts(), { recursive: true, encoding: 'utf8' }).filter((one) => one.includes(word));
  const read = (word: string) => readFileSync(join(posts(), named(word)[0] ?? ''), 'utf8');
  const save = async (send: Awaited<ReturnType<typeof openTab>>, fields: Fields) =>
    JSON.parse((await send(fields, '/write/autosave')).text) as {
      kind: string;
      path: string;
      base: string;
    };

  test.each([
    ['queue', 'fresh'],
    ['save', 'kept'],
  ])('twice %s on a new text makes one file', async (press, word) => {
    const send = await openTab();
    const click = () => send({ body: `Double ${word}`, do: press });
    const [one, two] = await Promise.all([click(), click()]);
    expect([one.status, two.status]).toEqual([303, 303]);
    expect(two.to).toBe(one.to);
    expect(named(word)).toHaveLength(1);
  });

  test('twice on a draft that has changed since it saved itself makes one post', async () => {
    const send = await openTab();
    const { path, base } = await save(send, { body: 'Saved already' });
    const click = () => send({ file: path, base, body: 'Saved already, and more', do: 'queue' });
    const [one, two] = await Promise.all([click(), click()]);
    expect([one.status, two.status]).toEqual([303, 303]);
    expect(named('saved-already')).toHaveLength(1);
    expect(read('saved-already')).toContain('and more');
  });

  test('a button that is pressed while the page saves itself leaves no second draft', async () => {
    const send = await openTab();
    const [, queued] = await Promise.all([
      save(send, { body: 'Overtaken' }),
      send({ body: 'Overtaken, finished', do: 'queue' }),
    ]);
    expect(queued.status).toBe(303);
    expect(named('overtaken')).toHaveLength(1);
    expect(read('overtaken')).toContain('finished');
  });

  test('another text from a page that was left is another post', async () => {
    const send = await openTab();
    await send({ body: 'Before going back', do: 'save' });
    await send({ body: 'Something else', do: 'save' });
    expect([named('before-going').length, named('something-else').length]).toEqual([1, 1]);
    expect(read('before-going')).toContain('Before going back');
  });

  test('a draft that is begun here is in the journal, once and by the web', async () => {
    const send = await openTab();
    const { path } = await save(send, { body: 'For the journal' });
    await save(send, { file: path, body: 'For the journal, and more' });
    const all = await served.context.store.listJournal({ types: ['drafted'] });
    const own = all.filter(({ text = '' }) => text.includes('for-the-journal'));
    expect(own).toMatchObject([
      { by: 'web', text: `posts/${path} is a new draft`, data: { path } },
    ]);
  });

  test('a tab with the draft does not write into the post that it has become', async () => {
    const first = await openTab();
    const { path, base } = await save(first, { body: 'In two tabs' });
    const second = await openTab();
    expect((await first({ file: path, base, body: 'In two tabs', do: 'queue' })).status).toBe(303);
    const typed = { file: path, base, body: 'Half a tho' };
    expect(await save(second, typed)).toEqual({ kind: 'conflict' });
    for (const press of ['save', 'queue']) {
      const refused = await second({ ...typed, do: press });
      expect(refused.status).toBe(409);
      expect(refused.text).toContain('is no longer a draft');
      expect(refused.text).toContain('Half a tho');
    }
    expect(read('in-two-tabs')).toContain('In two tabs');
    const anew = await second({ ...typed, do: 'anew' });
    expect(anew.status).toBe(303);
    expect(named('half-a-tho')[0]).toMatch(/^drafts\//);
  });

  test.each(hardForms)('a form with thousands of %s is refused', async (what, fields) => {
    const send = await openTab();
    const many = Array.from({ length: 5000 }, () => fields).flat();
    const refused = await send({ body: `Too many ${what}`, do: 'queue' }, '/write', many);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain(`more than 100 ${what}`);
    expect(refused.text).toContain(`Too many ${what}`);
    expect(named('too-many')).toEqual([]);
  });

  test.each([
    ['2020-01-01', '10:00', 'its time has passed'],
    ['2020-01-01', '', 'its day, 2020-01-01, has passed'],
  ])('a draft for %s %s stays a draft', async (day, time, why) => {
    const send = await openTab();
    const kept = await send({ body: 'Too late for this', day, time, do: 'queue' });
    expect(kept.status).toBe(422);
    expect(kept.text.toLowerCase()).toContain(why);
    expect(named('too-late').every((one) => one.startsWith('drafts/'))).toBe(true);
  });

  test('what is wrong with a picture is told by the name that the person knows', async () => {
    const send = await openTab();
    const wrong = new File(['no picture'], '../Our: Shop.png', { type: 'image/png' });
    const refused = await send({ body: 'With a picture' }, '/write/picture', wrong);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Our: Shop.png is not a supported image format');
  });

  const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures', name));
  test.each([
    ['clip.mp4', 'video/mp4', true],
    ['loop.gif', 'image/gif', false],
  ])('%s comes in as it is, and nothing of it stays aside', async (name, type, isVideo) => {
    const send = await openTab();
    const sent = new File([fixture(name)], `Our ${name}`, { type });
    const body = `With ${name}`;
    const added = await send({ body }, '/write/picture', sent);
    const told = JSON.parse(added.text) as { src: string; path: string; url: string };
    expect(told).toMatchObject({ src: `our-${name}`, isVideo, canTranscode: false });
    expect(readFileSync(join(posts(), told.path, '..', told.src)).equals(fixture(name))).toBe(true);
    const cookie = { headers: { range: 'bytes=0-3' } };
    const seen = await fetch(`${served.web}${told.url}`, cookie);
    expect([seen.status, seen.headers.get('content-type')]).toEqual([206, type]);
    expect(readdirSync(join(world.config.folders.data, 'incoming'))).toEqual([]);
    const again = await send({ body, file: told.path }, '/write/picture', sent);
    expect(JSON.parse(again.text)).toMatchObject({ src: told.src, path: told.path });
  });

  test('a picture that is too large is refused in words once all of it has come', async () => {
    const send = await openTab();
    const large = new File([Buffer.alloc(31 * 1024 * 1024)], 'large.png', { type: 'image/png' });
    const refused = await send({ body: 'Too much' }, '/write/picture', large);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('large.png is too large. A picture may have 30 MB');
    expect(readdirSync(join(world.config.folders.data, 'incoming'))).toEqual([]);
  });

  test('a video that is none, and one that nothing can play, say what to do', async () => {
    const send = await openTab();
    const none = new File(['no video'], 'Film.avi', { type: 'video/x-msvideo' });
    const refused = await send({ body: 'With a film' }, '/write/picture', none);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Film.avi is not a video that Dripline can read');
    expect(refused.text).toContain('ffmpeg -i Film.avi');
  });

  test('that ffmpeg may make it fit is written beside the video, and taken away again', async () => {
    const path = 'drafts/coded/index.md';
    mkdirSync(join(posts(), 'drafts/coded'), { recursive: true });
    writeFileSync(join(posts(), 'drafts/coded/clip.mp4'), fixture('clip.mp4'));
    writeFileSync(
      join(posts(), path),
      '---\nmedia: [{ src: clip.mp4, alt: A, focus: [0, 0] }]\n---\nX\n',
    );
    const media: [string, string][] = [
      ['media-src', 'clip.mp4'],
      ['media-alt', 'A'],
    ];
    const on = await openTab(`/write?file=${path}`);
    await on({ body: 'X', do: 'save' }, '/write', [...media, ['media-transcode', 'clip.mp4']]);
    expect(readFileSync(join(posts(), path), 'utf8')).toMatch(/focus: .*\n?.*transcode: true/);
    const off = await openTab(`/write?file=${path}`);
    await off({ body: 'X', do: 'save' }, '/write', media);
    const text = readFileSync(join(posts(), path), 'utf8');
    expect(text).not.toContain('transcode');
    expect(text).toContain('focus');
  });

  test('a title that a line of a form cannot show is not changed by looking at it', async () => {
    const text = '---\ntitle: >\n  Folded over\n  two lines\n---\nFolded text';
    const path = 'drafts/folded.md';
    mkdirSync(join(posts(), 'drafts'), { recursive: true });
    writeFileSync(join(posts(), path), text);
    const send = await openTab(`/write?file=${path}`);
    const saved = await send({ title: 'Folded over two lines', body: 'Folded text', do: 'save' });
    expect(saved.status).toBe(303);
    expect(readFileSync(join(posts(), path), 'utf8')).toBe(text);
  });
});
