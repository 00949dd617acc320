import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect, token } from '../agents/kit.ts';
import { openFakeTelegram, token as botToken } from '../chat/fake-telegram.ts';
import { openWorld, until, type World } from '../flow/world.ts';
import { openBrowser } from './door-kit.ts';

const isAble = tryMount();
const mounted = isAble ? test : (test.skip as typeof test);
const whyNot = isAble ? '' : ' (not here: needs Linux, and a root that may mount)';

const mount = (...args: string[]) => execFileSync('mount', args, { stdio: 'pipe' });
const unmount = (folder: string) => execFileSync('umount', ['-l', folder], { stdio: 'pipe' });

function tryMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'none', folder], { stdio: 'pipe' });
    execFileSync('umount', [folder], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Obstacle = 'read-only from the start' | 'read-only while one writes' | 'full';

const words: Record<Obstacle, RegExp> = {
  'read-only from the start': /the folder is read-only: mount it without `:ro`/,
  'read-only while one writes': /the folder is read-only: mount it without `:ro`/,
  full: /the disk is full: free some space/,
};

/** A drive of its own for the posts, which takes a post and a draft, and then nothing more. */
function openDrive({ config }: World) {
  const { posts } = config.folders;
  mount('-t', 'tmpfs', '-o', 'size=256k,mode=755', 'none', posts);
  writeFileSync(join(posts, 'there.md'), 'A post that is there\n');
  execFileSync('mkdir', [join(posts, 'drafts')]);
  writeFileSync(join(posts, 'drafts/begun.md'), 'A draft that is there\n');
  return {
    block(obstacle: Obstacle) {
      if (obstacle !== 'full') mount('-o', 'remount,ro', posts);
      else
        try {
          for (let i = 0; ; i++) writeFileSync(join(posts, `.fill-${i}`), 'x'.repeat(4096));
        } catch {}
    },
    free(obstacle: Obstacle) {
      if (obstacle !== 'full') mount('-o', 'remount,rw', posts);
      else for (let i = 0; i < 100; i++) rmSync(join(posts, `.fill-${i}`), { force: true });
    },
    texts: () =>
      Object.fromEntries(
        (readdirSync(posts, { recursive: true }) as string[])
          .filter((path) => path.endsWith('.md'))
          .map((path) => [path, readFileSync(join(posts, path), 'utf8')]),
      ),
    [Symbol.dispose]: () => void unmount(posts),
  };
}

const accounts = 'account=x&account=bluesky&account=mastodon';
const typed = 'What I have <typed>, all of it';
const shown = 'What I have &lt;typed&gt;, all of it';

for (const obstacle of Object.keys(words) as Obstacle[])
  mounted(
    `posts that are ${obstacle}${whyNot}: every place where one writes says so, and nothing that was typed is lost`,
    async () => {
      await using telegram = await openFakeTelegram();
      await using world = await openWorld({
        yaml: `cadence: { perDay: 1, minGap: 1h }\nagents: { token: ${token}, name: tester }\nchat: { telegram: { token: "${botToken}", allow: [7], apiRoot: "${telegram.url}" } }`,
      });
      using drive = openDrive(world);
      if (obstacle === 'read-only from the start') drive.block(obstacle);
      await using served = await world.serve();
      const browser = openBrowser(served.web ?? '');
      const page = async (path: string) => {
        const { body } = await browser.get(path);
        const hidden = (name: string) =>
          new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1] ?? '';
        return ['csrf', 'file', 'base', 'ticket', 'mode'].map((name) => [name, hidden(name)]);
      };
      // Opened before the obstacle, where it comes later.
      const tabs = {
        'a new post': await page('/write'),
        'a draft': await page('/write?file=drafts/begun.md'),
        'a post': await page('/write?file=there.md'),
      };
      const send = (fields: string[][], path: string, more: Record<string, string>) =>
        browser.post(
          path,
          {
            ...Object.fromEntries(fields),
            ...Object.fromEntries(new URLSearchParams(accounts)),
            body: typed,
            ...more,
          },
          { origin: served.web ?? '' },
        );
      if (obstacle !== 'read-only from the start') {
        const kept = await send(tabs['a post'], '/write/autosave', { body: 'Kept before' });
        expect(kept.body).toContain('"kept"');
        drive.block(obstacle);
      }
      const before = drive.texts();
      for (const [what, fields] of Object.entries(tabs)) {
        const auto = await send(fields, '/write/autosave', {});
        expect([what, auto.status, auto.body]).toEqual([
          what,
          422,
          expect.stringMatching(words[obstacle]),
        ]);
        for (const verb of what === 'a post' ? ['save'] : ['save', 'queue']) {
          const { status, body } = await send(fields, '/write', { do: verb, title: 'My title' });
          expect([what, verb, status]).toEqual([what, verb, 422]);
          expect(body).toMatch(words[obstacle]);
          // In the form again, and as the whole file to copy.
          expect(body.split(shown).length, `${what} ${verb}`).toBeGreaterThanOrEqual(3);
          expect(/id="to-copy">([^<]*)</.exec(body)?.[1]).toMatch(/title: My title[^]*typed/);
        }
        const preview = await send(fields, '/write/preview', {});
        expect(preview.status).toBe(200);
        expect(preview.body.includes('id="to-copy"')).toBe(obstacle !== 'full');
      }
      const fresh = (await browser.get('/write')).body;
      if (obstacle !== 'full') {
        expect(fresh).toMatch(/Nothing can be saved here: the folder posts cannot be written/);
        expect(fresh).not.toMatch(/name="do" value="(save|queue)"/);
      }
      // A verb of the terminal, a message in a chat, and an agent.
      await expect(world.say('new Spring offer')).rejects.toThrow(words[obstacle]);
      telegram.say(7, '/new Spring offer');
      const said = await until('the answer', () => telegram.sent[0]?.text);
      expect(said).toMatch(words[obstacle]);
      await using agent = await connect('new', `${served.web}/mcp`);
      const called = await agent.call('draft_create', { key: 'k', body: 'From an agent' });
      expect([called.isError, called.text]).toEqual([true, expect.stringMatching(words[obstacle])]);
      expect(drive.texts()).toEqual(before);
      // What was kept beside the post is there still.
      if (obstacle !== 'read-only from the start')
        expect((await browser.get('/write?file=there.md&typed=yes')).body).toContain('Kept before');

      drive.free(obstacle);
      const again = await send(tabs['a new post'], '/write', { do: 'save' });
      expect(again.status).toBe(303);
      const retried = await agent.call('draft_create', { key: 'k', body: 'From an agent' });
      expect(retried.json).toMatchObject({ isNew: true });
      telegram.say(7, '/new Spring offer');
      await until('the draft', () => telegram.sent[1]?.text?.includes('is a new draft'));
      const made = Object.keys(drive.texts()).filter((path) => !(path in before));
      expect(made).toHaveLength(3);
    },
  );
