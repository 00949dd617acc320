import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { openCliWorld, run } from './kit.ts';

async function openFreshWorld() {
  const world = await openCliWorld({ files: { '.gitkeep': '' } });
  rmSync(join(world.folder, 'config'), { recursive: true });
  return world;
}

test('init writes a commented configuration, its schema, and an .env for the owner alone, and says what is missing', async () => {
  await using world = await openFreshWorld();
  const { code, stdout } = await run(
    world.folder,
    'init --network bluesky,mastodon --timezone Europe/Berlin',
  );
  expect([code, stdout]).toEqual([
    0,
    expect.stringContaining(
      'Still empty in .env: BLUESKY_HANDLE, BLUESKY_APP_PASSWORD, MASTODON_URL, MASTODON_TOKEN',
    ),
  ]);
  const yaml = readFileSync(join(world.folder, 'config/dripline.yaml'), 'utf8');
  expect(Object.keys(parse(yaml).accounts)).toEqual(['bsky', 'masto']);
  expect(parse(yaml).timezone).toBe('Europe/Berlin');
  expect(existsSync(join(world.folder, 'config/dripline.schema.json'))).toBe(true);
  expect(statSync(join(world.folder, '.env')).mode & 0o777).toBe(0o600);
  const again = await run(world.folder, 'init');
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('exists already')]);
});

test('init checks the logins that it can, keeps the credentials that stand in .env, and exits with 1 where one is refused', async () => {
  await using world = await openFreshWorld();
  world.write({
    '.env': `MASTODON_URL=${world.sandbox.baseUrls.mastodon}\nMASTODON_TOKEN=sandbox-token\nOTHER='stays # here'\n`,
  });
  const good = await run(world.folder, 'init --network mastodon --timezone UTC --json');
  expect([good.code, JSON.parse(good.stdout)]).toMatchObject([
    0,
    {
      missing: [],
      accounts: [{ account: 'masto', ok: true, handle: expect.stringContaining('dripline') }],
    },
  ]);
  expect(readFileSync(join(world.folder, '.env'), 'utf8')).toContain("OTHER='stays # here'");
  world.write({
    '.env': `MASTODON_URL=${world.sandbox.baseUrls.mastodon}\nMASTODON_TOKEN="it's wrong"\n`,
  });
  const bad = await run(world.folder, 'init --network mastodon --timezone UTC --force');
  expect([bad.code, bad.stdout]).toEqual([
    1,
    expect.stringMatching(/masto: .*(token|credential|log in)/i),
  ]);
  expect(readFileSync(join(world.folder, '.env'), 'utf8')).toContain("MASTODON_TOKEN=`it's wrong`");
  world.write({
    'config/dripline.yaml':
      '# ours\ntimezone: Asia/Tokyo\naccounts: # soon\ncadence: { perDay: 4 }\n',
  });
  await run(world.folder, 'init --network mastodon --force');
  const yaml = readFileSync(join(world.folder, 'config/dripline.yaml'), 'utf8');
  expect(parse(yaml)).toMatchObject({
    timezone: 'Asia/Tokyo',
    cadence: { perDay: 4 },
    accounts: { masto: { network: 'mastodon' } },
  });
  expect(yaml).toMatch(/# ours[^]*# soon/);
  expect(readFileSync(join(world.folder, 'config/dripline.yaml.old'), 'utf8')).toContain(
    'accounts: # soon',
  );
});

test('check lists what is wrong as file, line and column, with what to do, and exits with 1', async () => {
  await using world = await openCliWorld({
    files: {
      'posts/a.md': '---\nidd: x\n---\nA',
      'posts/b.md': '---\nnetworks: [bluesky]\nafter: { post: nowhere }\n---\nB',
      'posts/c.md': `---\nnetworks: [x]\n---\n${'c'.repeat(300)}`,
      'posts/fine.md': 'Fine.',
      'posts/one.md': '---\nafter: { post: two }\n---\n1',
      'posts/two.md': '---\nafter: { post: one }\n---\n2',
    },
  });
  const { code, stdout } = await run(world.folder, 'check');
  expect(code).toBe(1);
  expect(stdout).toContain('posts/a.md:2:1 unknown key "idd": did you mean "id"?');
  expect(stdout).toMatch(/posts\/b\.md after: there is no post "nowhere"/);
  expect(stdout).toMatch(
    /posts\/c\.md on x: the text has 300 characters as X counts them; 280 are allowed/,
  );
  expect(stdout).toMatch(/posts\/one\.md after: leads back to this post/);
  expect(stdout).not.toContain('fine.md');
  const json = JSON.parse((await run(world.folder, 'check --offline --json')).stdout);
  expect(
    json.problems.find(({ where }: { where: string }) => where.startsWith('posts/a.md')),
  ).toEqual({
    where: 'posts/a.md:2:1',
    what: 'unknown key "idd"',
    hint: 'did you mean "id"?',
    severity: 'error',
  });
  expect(existsSync(join(world.folder, 'data/dripline.db'))).toBe(false);
});

test('init refuses when DRIPLINE_CONFIG names another file, and not when it names the file that init writes', async () => {
  await using world = await openFreshWorld();
  const init = (path: string) =>
    run(world.folder, 'init --network mastodon --timezone UTC --force', {
      env: { DRIPLINE_CONFIG: path },
    });
  const other = await init('other.yaml');
  expect([other.code, other.stderr]).toEqual([
    1,
    expect.stringContaining('DRIPLINE_CONFIG names another configuration (other.yaml'),
  ]);
  expect(existsSync(join(world.folder, 'config'))).toBe(false);
  for (const path of [
    'config/dripline.yaml',
    './config/../config/dripline.yaml',
    join(world.folder, 'config/dripline.yaml'),
  ]) {
    const { code, stderr } = await init(path);
    expect([path, code, stderr]).toEqual([path, 0, '']);
  }
});

test('check counts in words: 1 post, 2 posts, 1 note', async () => {
  await using world = await openCliWorld({ files: { 'posts/a.md': 'A' } });
  const summary = async () =>
    (await run(world.folder, 'check --offline')).stdout.trim().split('\n').at(-1);
  expect(await summary()).toBe('1 post, 0 problems.');
  world.write({
    'posts/a.md': '---\nfollowUps: [{ when: likes > 9, post: b }]\n---\nA',
    'posts/b.md': 'B',
  });
  expect(await summary()).toBe('2 posts, 0 problems, 1 note.');
});
