import { expect, test } from 'vitest';
import { openCliWorld, run } from './kit.ts';

test('check notes posts that would say the same on one account, unless a day lies between them', async () => {
  const pinned = (at: string, text: string) => `---\ndate: "${at}"\n---\n${text}`;
  await using world = await openCliWorld({
    files: {
      'posts/1-a.md': 'The shop is open again.',
      'posts/2-b.md': '---\nweight: 2\n---\nThe  shop is open\nagain.',
      'posts/3-c.md': 'The shop is closed.',
      'posts/4-d.md': '---\nnetworks: [x]\n---\nOnly here.',
      'posts/5-e.md': '---\nnetworks: [bluesky]\n---\nOnly here.',
      'posts/6-f.md': pinned('2030-01-01 09:00', 'Happy new year!'),
      'posts/7-g.md': pinned('2031-01-01 09:00', 'Happy new year!'),
    },
  });
  const { stdout } = await run(world.folder, 'check --offline');
  const notes = stdout.split('\n').filter((line) => line.includes('says the same'));
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatch(/^note: posts\/2-b\.md says the same as posts\/1-a\.md on .*X refuses/);
});
