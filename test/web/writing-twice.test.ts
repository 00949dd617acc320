import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Served } from '../../src/app.ts';
import { openWorld, type World } from '../flow/world.ts';

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
    return async (fields: Fields, to = '/write') => {
      const own = sent.filter(([name]) => !(name in fields));
      const form = new URLSearchParams([...own, ...accounts(), ...Object.entries(fields)]);
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
});
