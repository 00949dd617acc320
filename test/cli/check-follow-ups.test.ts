import { expect, test } from 'vitest';
import { openCliWorld, run } from './kit.ts';

const rules = (text: string) => `---\nfollowUps:\n${text}\n---\nText.`;

test('check points at the column of a condition, at unknown posts, loops, and at what can never hold', async () => {
  await using world = await openCliWorld({
    files: {
      'posts/typo.md': rules('  - { when: "likes >= 20 or repots >= 5", text: Hi }'),
      'posts/less.md': rules('  - { when: score < typical, text: Hi }'),
      'posts/never.md': rules('  - { when: likes > 5 and likes < 3, text: Hi }'),
      'posts/late.md': rules('  - { when: age >= 3d, within: 2d, text: Hi }'),
      'posts/order.md': rules(
        '  - { otherwise: true, text: Hi }\n  - { when: likes > 1, text: Ho }',
      ),
      'posts/early.md': rules('  - { when: likes < 5, text: Hi }'),
      'posts/nobody.md': rules('  - { when: likes > 1, post: second-hok }'),
      'posts/second-hook.md': '---\nqueue: none\n---\nHook.',
      'posts/a.md': rules('  - { when: likes > 1, post: b }'),
      'posts/b.md': `---\nqueue: none\nfollowUps: [{ when: likes > 1, post: a }]\n---\nB.`,
      'posts/long.md': rules(
        `  - { when: likes > 1, as: reply, text: "${'x'.repeat(600)}. ${'y'.repeat(400)}" }`,
      ),
      'posts/again.md':
        '---\nevergreen: { every: 30d, times: 4, variants: ["Say it AGAIN!", "Something else altogether."] }\n---\nSay it again',
    },
  });
  const { code, stdout } = await run(world.folder, 'check --offline');
  expect(code).toBe(1);
  const lines = stdout.split('\n');
  const line = (file: string) => lines.filter((one) => one.includes(`${file}.md`)).join('\n');
  expect(line('typo')).toContain(
    'posts/typo.md:3:29 in "likes >= 20 or repots >= 5": unknown word "repots": did you mean "reposts"?',
  );
  expect(line('less')).toContain('"<" cannot be used with typical');
  expect(line('never')).toContain('can never be true within 3d');
  expect(line('late')).toContain('"age >= 3d" can never be true within 2d');
  expect(line('order')).toContain('a rule after "otherwise" is never reached');
  expect(line('early')).toMatch(/^note: .*is true as soon as the post is published/m);
  expect(line('nobody')).toContain('there is no post "second-hok": did you mean "second-hook"?');
  expect(line('posts/a')).toContain('lead back to this post');
  expect(line('posts/b')).toContain('lead back to this post');
  expect(line('again')).toContain(
    'run 2 on x: the text of run 2 is nearly that of run 1, and X refuses repeated texts',
  );
  expect(line('again')).toContain('on X it is published 3 times');
  expect(line('second-hook')).toBe('');
});
