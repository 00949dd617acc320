import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { errorAt } from '../../src/core/problem.ts';
import { problemsFact, readFact } from '../../src/flow/facts.ts';
import { rescan } from '../../src/flow/ingest/scan.ts';
import { type Bench, makeBench } from '../sources/flow-kit.ts';

/** The posts that may go out, and what is said of everything else. */
async function look(bench: Bench) {
  const { store } = bench.context;
  await rescan(bench.context);
  const open = await store.listDeliveries({});
  const going = open.filter(({ state, terms }) => state !== 'withdrawn' && !terms.held);
  const problems = Object.values(await readFact(store, problemsFact)).flat();
  return {
    going: [...new Set(going.map(({ post }) => post))].sort(),
    said: problems.map(({ where, what, hint, severity }) => ({ where, what, hint, severity })),
  };
}

const conflictCopies = [
  'offer.sync-conflict-20261124-101010-ABCDEFG',
  'offer (conflicted copy 2026-11-24 101010)',
  "offer (Anna's conflicted copy 2026-11-24)",
  'offer (Annas in Konflikt stehende Kopie 2026-11-24)',
  'offer (Copie en conflit de Anna 2026-11-24)',
  'offer (Copia en conflicto de Anna 2026-11-24)',
  'offer (Copia in conflitto di Anna 2026-11-24)',
  'offer (Cópia em conflito de Anna 2026-11-24)',
  'offer (конфликтующая копия Anna 2026-11-24)',
  'offer (Anna の競合コピー 2026-11-24)',
  'offer (Anna 的冲突副本 2026-11-24)',
  'offer (Case Conflict)',
  'offer_conflict-20261124-101010',
  'offer (SFConflict anna@example.com 2026-11-24-10-10-10)',
  'offer_DiskStation_Nov-24-101010-2026_Conflict',
  'offer.Conflict',
  'offer_BACKUP_1234',
  'offer.BACKUP.1234',
];
const fileManagerCopies = [
  'offer copy',
  'offer copy 2',
  'offer Kopie',
  'offer copie',
  'offer copia 3',
  'offer (copy)',
  'offer - Copy',
  'offer - Copy (2)',
  'offer - Kopie',
  'offer - コピー',
  'offerのコピー',
  'offer 的副本',
  'offer 복사본',
  'offer копия',
  'Copy of offer',
  'Kopie von offer',
  'Copia di offer',
  'offer (1)',
  'offer-copy-2',
  'offer_copy_3',
  'offer-conflict-1',
  'offer - Conflict - 11-28-26',
  'offer.nxconflict',
  'offer-LAPTOP-ABC123',
  'offer-DESKTOP-1A2B3C4',
  'offer-Annas-MacBook-Air',
];

test(`a copy beside its original is never a post: ${conflictCopies.length + fileManagerCopies.length} names`, async () => {
  await using bench = await makeBench();
  const copies = [...conflictCopies, ...fileManagerCopies].map((name) => `${name}.md`);
  await bench.write({ 'offer.md': 'Our offer.' });
  for (const name of copies) await bench.write({ [name]: `An older offer (${name}).` });
  const { going, said } = await look(bench);
  expect(going).toEqual(['offer']);
  expect(said.map(({ where }) => where).sort()).toEqual(
    copies.map((name) => `posts/${name}`).sort(),
  );
  for (const { severity, what, hint } of said) {
    expect(severity).toBe('error');
    expect(what).toMatch(/copy/);
    expect(hint).toMatch(/remove it/);
  }
});

test('what only a sync tool writes is a copy without its original; a title is not', async () => {
  await using bench = await makeBench();
  const titles = ['better copy.md', 'part (1).md', 'conflict of interest.md', 'my-macbook.md'];
  for (const name of [...conflictCopies.map((one) => `${one}.md`), ...titles])
    await bench.write({ [name]: `Text of ${name}` });
  const { going, said } = await look(bench);
  expect(going).toEqual(['better-copy', 'conflict-of-interest', 'my-macbook', 'part-1']);
  expect(said).toHaveLength(conflictCopies.length);
});

test('recycle bins and folders of systems and devices are not looked into, without a word', async () => {
  await using bench = await makeBench();
  const folders = `#recycle @Recycle @eaDir $RECYCLE.BIN lost+found .Trash-1000 drafts Drafts Draft
    Entwürfe Brouillons _old
    RECYCLER found.000 .stversions .git @tmp #snapshot`.split(/\s+/);
  for (const folder of [...folders, 'System Volume Information', 'in/#recycle'])
    await bench.write({ [`${folder}/gone.md`]: `Deleted from ${folder}` });
  await bench.write({ 'a.md': 'A' });
  expect(await look(bench)).toEqual({ going: ['a'], said: [] });
});

test('a new file with the content of another one is an error that names both', async () => {
  await using bench = await makeBench();
  await bench.write({ 'a.md': 'The same.', 'z.md': 'Another.' });
  await look(bench);
  await bench.write({ '0-new.md': 'The same.', 'in/own.md': '---\nid: own\n---\nThe same.' });
  const copied = await look(bench);
  expect(copied.going).toEqual(['a', 'z']);
  expect(copied.said.map(({ where, what }) => `${where} ${what}`)).toEqual([
    'posts/0-new.md has the same content as posts/a.md',
    'posts/in/own.md has the same content as posts/a.md',
  ]);
  // The original goes: one copy takes its place, as a file that was renamed.
  await rm(join(bench.posts, 'a.md'));
  await rm(join(bench.posts, 'in/own.md'));
  expect(await look(bench)).toEqual({ going: ['a', 'z'], said: [] });
  // A post that is edited into a copy is held, and comes back with its own text.
  await bench.write({ 'z.md': 'The same.' });
  expect((await look(bench)).going).toEqual(['a']);
  await bench.write({ 'z.md': 'Another.' }, bench.clock.now - 30_000);
  expect((await look(bench)).going).toEqual(['a', 'z']);
});

test('links to folders are followed once and inside only; anything else is said', async () => {
  await using bench = await makeBench();
  await bench.write({ 'spring/a.md': 'A' });
  await mkdir(join(bench.media, 'texts'), { recursive: true });
  await bench.write({ '../media/texts/b.md': 'B', '../outside/c.md': 'C' });
  await symlink(bench.posts, join(bench.posts, 'spring/loop'));
  await symlink(join(bench.posts, 'spring'), join(bench.posts, 'again'));
  await symlink(join(bench.media, 'texts'), join(bench.posts, 'more'));
  await symlink(join(bench.posts, '../outside'), join(bench.posts, 'out'));
  const { going, said } = await look(bench);
  expect(going).toEqual(['a', 'b']);
  expect(said.map(({ where, what, severity }) => `${severity} ${where} ${what}`).sort()).toEqual([
    'note posts/again links to posts/spring, which is read already',
    'note posts/out is a link to a folder outside the posts and media folders, and is not read',
    'note posts/spring/loop links to posts, which is read already',
  ]);
});

test('a text for some readers is known by network, other name or account; alone it is an error', async () => {
  await using bench = await makeBench();
  await bench.write({
    'a.md': 'For all',
    'a.x-main.md': 'For one account',
    'a.masto.md': 'For Mastodon',
    'b.md': 'B',
    'b.twitter.md': 'For X',
    'b.Bluesky.md': 'For Bluesky',
    'c.bluesky.md': 'Alone',
    'd.md': 'D',
    'd.blusky.md': 'Misspelt',
    'e.md': 'E',
    'e.2.md': 'Another post',
    'f.md.txt': 'f',
    'g.mdx': 'g',
    'h.docx': 'h',
    'readme.de.md': 'Nicht posten',
    'i.md': 'I',
    'i.x.md': 'one',
    'i.twitter.md': 'two',
  });
  const { going, said } = await look(bench);
  expect(going).toEqual(['2', 'a', 'b', 'd', 'e'].map((id) => (id === '2' ? 'e-2' : id)).sort());
  const post = async (id: string) => (await bench.context.store.findPost(id))?.post;
  expect(await post('a')).toMatchObject({
    overrides: { mastodon: { parts: ['For Mastodon'] } },
    accountParts: { 'x-main': ['For one account'] },
  });
  expect((await post('b'))?.overrides).toEqual({
    x: { parts: ['For X'] },
    bluesky: { parts: ['For Bluesky'] },
  });
  expect(said.map(({ where, what }) => `${where} ${what}`).sort()).toEqual([
    'posts/c.bluesky.md is a text for bluesky, but posts/c.md is missing',
    'posts/d.blusky.md is named after an unknown network or account "blusky"',
    'posts/f.md.txt is not a post',
    'posts/g.mdx is not a post',
    'posts/h.docx is not a post',
    'posts/i.x.md is for the same readers as posts/i.twitter.md',
  ]);
});

test('a folder that cannot be read is a problem of that folder: its posts are held, and it is told', async () => {
  await using bench = await makeBench();
  const { context } = bench;
  await bench.write({ 'private/a.md': 'A', 'b.md': 'B', 'c.md': 'C' });
  expect((await look(bench)).going).toEqual(['a', 'b', 'c']);
  const { folder } = context;
  const problem = errorAt('posts/private', 'cannot be read: permission denied', 'fix it');
  context.folder = {
    scan: async (marks, now) => {
      const scan = await folder.scan(marks, now);
      const files = scan.files.filter(({ path }) => !path.startsWith('private/'));
      const remarks = new Map([['private', [problem]]]);
      return { ...scan, files, closed: ['private'], remarks };
    },
  };
  await rm(join(bench.posts, 'c.md'));
  await bench.write({ 'new.md': 'New', 'copy-of-a.md': 'A' });
  const closed = await look(bench);
  expect(closed.going).toEqual(['b', 'new']);
  expect(closed.said.map(({ where, what }) => `${where} ${what}`)).toEqual([
    'posts/private cannot be read: permission denied',
    'posts/copy-of-a.md has the same content as posts/private/a.md',
  ]);
  const states = await context.store.listDeliveries({ post: 'a' });
  expect(states.map(({ state }) => state)).not.toContain('withdrawn');
  await rescan(context);
  const notices = async () => (await bench.texts()).filter((text) => text.startsWith('notice'));
  expect(await notices()).toEqual([
    'notice: posts/private cannot be read: permission denied: fix it',
  ]);
  context.folder = folder;
  expect((await look(bench)).going).toEqual(['a', 'b', 'new']);
  expect((await notices()).at(-1)).toBe('notice: the folder private is readable again');
});

test('a posts folder that cannot be read holds everything and withdraws nothing', async () => {
  await using bench = await makeBench();
  const { context } = bench;
  await bench.write({ 'a.md': 'A' });
  await look(bench);
  const { folder } = context;
  const remarks = new Map([['.', [errorAt('posts', 'cannot be read', 'fix it')]]]);
  context.folder = {
    scan: async () => ({
      folder: 'closed',
      files: [],
      remarks,
      closed: [],
      vanished: [],
      sequences: [],
    }),
  };
  expect((await look(bench)).going).toEqual([]);
  await rescan(context);
  expect((await bench.texts()).filter((text) => text.startsWith('notice'))).toEqual([
    'notice: posts cannot be read: fix it',
  ]);
  context.folder = folder;
  expect((await look(bench)).going).toEqual(['a']);
});

test('steps of a sequence never become posts since its _sequence.yaml is gone for a while', async () => {
  await using bench = await makeBench();
  const { context, posts } = bench;
  const own = ['welcome/_sequence.yaml', 'in/talks/sequence.yml'];
  const steps = { 'welcome/010-hello.md': 'Hello', 'welcome/more/a.md': 'A', 'in/talks/b.md': 'B' };
  await bench.write({
    'post.md': 'P',
    ...steps,
    ...Object.fromEntries(own.map((one) => [one, ''])),
  });
  expect((await look(bench)).going).toEqual(['post']);
  // This service looks after no people: it says so once.
  expect((await bench.texts()).filter((text) => text.includes('single people'))).toEqual([
    'notice: in/talks, welcome: for single people. Restart Dripline to begin with it',
  ]);
  for (const one of own) await rm(join(posts, one));
  for (const isFresh of [false, true]) {
    await rescan(context, { isFresh });
    expect((await look(bench)).going).toEqual(['post']);
  }
  const told = Object.entries(await readFact(context.store, problemsFact));
  expect(told.map(([path, [problem]]) => [path, problem?.severity])).toEqual(
    Object.keys(steps)
      .sort()
      .map((path) => [path, 'error']),
  );
  await bench.write({ 'welcome/_sequence.yaml': '' });
  await rescan(context);
  expect(Object.keys(await readFact(context.store, problemsFact))).toEqual(['in/talks/b.md']);
  // Moved elsewhere on purpose; and the name is free again once nothing lies there.
  await rename(join(posts, 'in/talks'), join(posts, 'in/posts'));
  expect((await look(bench)).going).toEqual(['b', 'post']);
  await bench.write({ 'in/talks/c.md': 'C' });
  expect((await look(bench)).going).toEqual(['b', 'c', 'post']);
});

test('a folder that vanishes while it is listed is neither a missing root nor a deletion', async () => {
  await using bench = await makeBench();
  const { context } = bench;
  await bench.write({ 'in/a.md': 'A', 'b.md': 'B', 'c.md': 'C' });
  await look(bench);
  const { folder } = context;
  context.folder = {
    scan: async (marks, now) => {
      const scan = await folder.scan(marks, now);
      const files = scan.files.filter(({ path }) => !path.startsWith('in/'));
      return { ...scan, files, vanished: ['in'] };
    },
  };
  expect((await rescan(context)).isUnsettled).toBe(true);
  expect((await look(bench)).going).toEqual(['a', 'b', 'c']);
  // Real folders that come and go: no scan takes them for a missing root.
  let isDone = false;
  const churn = (async () => {
    for (let i = 0; i < 150; i++) {
      await bench.write({ 'churn/1/x.md': 'X', 'churn/2/y.md': 'Y' }).catch(() => undefined);
      await rm(join(bench.posts, 'churn'), { recursive: true, force: true });
    }
    isDone = true;
  })();
  while (!isDone) expect((await folder.scan(new Map(), bench.clock.now)).folder).toBe('there');
  await churn;
});

/** Root may read everything: then it looks without that right. The clone may be a private one. */
const asAnybody =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];

test('check lists a folder that may not be read, and does not crash', async () => {
  const home = await mkdtemp(join(tmpdir(), 'dripline-closed-'));
  try {
    for (const folder of ['', 'posts', 'posts/lost+found', 'posts/private', 'media'])
      await mkdir(join(home, folder), { recursive: true });
    await writeFile(join(home, 'posts/a.md'), 'A');
    await writeFile(join(home, 'dripline.yaml'), 'sandbox: true\n');
    await chmod(home, 0o755);
    for (const folder of ['posts/lost+found', 'posts/private'])
      await chmod(join(home, folder), 0o000);
    const printed = await new Promise<string>((done) => {
      const file = resolve(import.meta.dirname, '../../bin/dripline.js');
      const line = [...asAnybody, process.execPath, file, 'check', '--offline'];
      const [program = '', ...args] = line;
      execFile(program, args, { cwd: home }, (_, stdout, stderr) => done(stdout + stderr));
    });
    expect(printed).toContain('posts/private cannot be read: permission denied: fix its perm');
    expect(printed).toContain('1 problem');
    expect(printed).not.toMatch(/lost\+found|should not have happened/);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

test('a draft by its name is never a post; a title that speaks of drafts is one', async () => {
  await using bench = await makeBench();
  const drafts = `offer.draft offer.x.draft tips.WIP launch-(draft) launch-[draft-2] news.Entwurf
    news-(brouillon) tips.draft.2`.split(/\s+/);
  for (const name of drafts) await bench.write({ [`${name}.md`]: `Text of ${name}` });
  await bench.write({
    'offer.md': 'Our offer.',
    'draft-beer.md': 'Beer.',
    'wip-party.md': 'Come.',
  });
  const { going, said } = await look(bench);
  expect(going).toEqual(['draft-beer', 'offer', 'wip-party']);
  expect(said.map(({ where }) => where).sort()).toEqual(
    drafts.map((name) => `posts/${name}.md`).sort(),
  );
  for (const { what, hint } of said)
    expect([what, hint]).toEqual(['is a draft by its name', expect.stringContaining('drafts/')]);
});

test('a text for readers that Dripline does not know is no second post', async () => {
  await using bench = await makeBench();
  const names = 'offer.threads offer.fb offer.newsletter offer.old-account offer.v2 lone.linkedin';
  for (const name of names.split(' ')) await bench.write({ [`${name}.md`]: `Text of ${name}` });
  await bench.write({
    'offer.md': 'Our offer.',
    'out.2.md': 'Out.',
    'v1.md': 'A',
    'v1.1.md': 'B',
  });
  const { going, said } = await look(bench);
  expect(going).toEqual(['offer', 'out-2', 'v1', 'v1-1']);
  expect(said).toHaveLength(6);
  for (const { what, hint } of said) {
    expect(what).toMatch(/^is named after an unknown network or account "/);
    expect(hint).toMatch(/Is it a post of its own\? Then rename it$/);
  }
});
