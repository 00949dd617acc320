import { expect, test } from 'vitest';
import { openCliWorld, run } from './kit.ts';

test('check notes a mention that means others elsewhere, and previews show those that are listed', async () => {
  const people = 'mentions: { alice: { x: "@alice", mastodon: "@alice@m.example" } }';
  await using world = await openCliWorld({
    yaml: `cadence: { perDay: 1, minGap: 1h }\n${people}`,
    files: {
      'posts/1-a.md': 'Thanks {{@alice}}!',
      'posts/2-b.md': 'Thanks @carol!',
      'posts/3-c.md': 'Thanks {{@alise}}!',
    },
  });
  const { stdout, code } = await run(world.folder, 'check --offline');
  expect(stdout).toMatch(
    /^note: posts\/2-b\.md @carol may be different people on X and .*\{\{@name/m,
  );
  expect(stdout).toMatch(/^posts\/3-c\.md:1:8 \{\{@alise\}\} is unknown: did you mean "alice"\?/m);
  expect(stdout).not.toMatch(/1-a\.md/);
  expect(code).toBe(1);
});
