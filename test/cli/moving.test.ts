import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import { databaseUri } from '../peers/mongo.ts';
import { openCliWorld, run, serve } from './kit.ts';

const files = { 'posts/a.md': 'A', 'posts/b.md': 'B' };
const uri = inject('mongoUri');

test('a store moves to another place: the old one is not served, the new one waits, and back again', async () => {
  await using world = await openCliWorld({ files });
  const { folder } = world;
  const there = {
    env: uri
      ? { MONGODB_URI: databaseUri(uri, `test-${randomUUID()}`) }
      : { DRIPLINE_DATA: join(folder, 'other') },
  };
  {
    await using _served = await serve(folder);
    expect(await run(folder, 'export all.jsonl --move')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('stop it first'),
    });
    expect(await run(folder, 'restore all.jsonl')).toMatchObject({ code: 1 });
  }
  const moved = await run(folder, 'export all.jsonl --move');
  expect([moved.code, moved.stdout]).toEqual([0, expect.stringContaining('refuses to serve')]);
  const refused = await run(folder, 'serve');
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('was moved')]);

  const whole = readFileSync(join(folder, 'all.jsonl'), 'utf8');
  writeFileSync(join(folder, 'half.jsonl'), whole.slice(0, whole.length / 2));
  expect(await run(folder, 'restore half.jsonl', there)).toMatchObject({ code: 1 });
  expect(await run(folder, 'restore nothing.jsonl', there)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no file'),
  });
  const restored = await run(folder, 'restore all.jsonl', there);
  expect([restored.code, restored.stdout]).toEqual([0, expect.stringMatching(/2 posts/)]);
  expect((await run(folder, 'export', there)).stdout).toBe(whole);
  expect(await run(folder, 'restore all.jsonl', there)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('not empty'),
  });

  expect(await run(folder, 'export --take-back')).toMatchObject({ code: 0 });
  expect(await run(folder, 'export --take-back')).toMatchObject({ code: 1 });
  await using _again = await serve(folder);
  expect((await run(folder, 'status')).stdout).not.toContain('restored');
});
