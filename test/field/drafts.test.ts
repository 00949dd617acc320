import { expect, test } from 'vitest';
import { hasErrors } from '../../src/core/problem.ts';
import { parsePostFile } from '../../src/sources/folder/post-file.ts';

function read(text: string) {
  const parsed = parsePostFile({
    path: 'a.md',
    file: 'posts/a.md',
    text,
    sidecars: [],
    defaults: [],
    zone: 'UTC',
    names: { accounts: [], queues: [], campaigns: [] },
  });
  if ('problems' in parsed) return { said: parsed.problems, isHeld: hasErrors(parsed.problems) };
  return { said: parsed.notes, isHeld: parsed.post.draft };
}

const holds = ['draft: true', 'Draft: yes', 'published: false', 'approval: required'];

/** What people, editors and sync tools make of the lines around front matter. */
const dresses: Record<string, (line: string) => string> = {
  'no fence at all': (line) => `${line}\n\nSecret`,
  'no fence, one line': (line) => `${line}\nSecret`,
  'other keys around': (line) => `Title: X\n${line}\n\nSecret`,
  'a code fence': (line) => `\`\`\`yaml\n${line}\n\`\`\`\nSecret`,
  'a quote': (line) => `> ---\n> ${line}\n> ---\nSecret`,
  'code before it': (line) => `\`\`\`js\na()\n\`\`\`\n\n---\n${line}\n---\nSecret`,
  'stars as fences': (line) => `***\n${line}\n***\nSecret`,
  'underscores as fences': (line) => `___\n${line}\n___\nSecret`,
  'minus signs as fences': (line) => `−−−\n${line}\n−−−\nSecret`,
  'escaped fences': (line) => `\\---\n${line}\n\\---\nSecret`,
  'an invisible space first': (line) => `\u200B---\n${line}\n---\nSecret`,
  'a mark of direction first': (line) => `\u200E---\n${line}\n---\nSecret`,
  'line separators': (line) => `---\u2028${line}\u2028---\u2028Secret`,
  'next lines': (line) => `---\u0085${line}\u0085---\u0085Secret`,
  'a comment': (line) => `<!-- ${line} -->\nSecret`,
  'a link that leads nowhere': (line) => `[//]: # (${line})\nSecret`,
  'a named link that leads nowhere': (line) => `[comment]: <> "${line}"\n\nSecret`,
  'round brackets': (line) => `(${line})\nSecret`,
  'square brackets': (line) => `[${line}]\nSecret`,
  braces: (line) => `{ ${line} }\nSecret`,
  "a template's comment": (line) => `{# ${line} #}\nSecret`,
  'an annotation': (line) => `@${line}\nSecret`,
  "Obsidian's comment": (line) => `%% ${line} %%\nSecret`,
  "Org's keyword": (line) => `#+${line}\nSecret`,
  'bold keys': (line) => `**${line.replace(':', ':**')}\n\nSecret`,
  'a second front matter': (line) => `---\ntitle: a\n---\n\n---\n${line}\n---\nSecret`,
  'the end of the text': (line) => `Secret\n\n${line}`,
  'a later part': (line) => `One\n\n---\n\n${line}\n\nSecret`,
};

test.each(Object.entries(dresses))('a draft is kept back: %s', (_name, dress) => {
  for (const hold of holds) {
    const { said, isHeld } = read(dress(hold));
    expect(isHeld, dress(hold)).toBe(true);
    expect(said[0]?.hint, dress(hold)).toContain('---');
    expect(said[0]?.where).toMatch(/^posts\/a\.md:\d+:1$/);
  }
});

test('what only speaks about drafts is text', () => {
  const texts = [
    'Write `draft: true` to keep a post back.',
    '`draft: true`',
    'How to keep a post back:\n\n```yaml\n---\ndraft: true\n---\n```\n\nThat is all.',
    'Draft: truely the best beer',
    'Status: drafting',
    'Our draft beer\n\nis true to style',
    '***\nNews: we moved\n***\nMore',
    'published: 2026-11-28',
  ];
  for (const text of texts) expect(read(text), text).toEqual({ said: [], isHeld: false });
});

test.each([
  '{\\rtf1\\ansi Hello}',
  '\uFEFF<!DOCTYPE html>\n<html><body>Hello</body></html>',
  '\n<html lang="en">Hello</html>',
  '<?xml version="1.0"?><note/>',
  '%PDF-1.7 x',
  'bplist00x',
  'H\0e\0l\0l\0o\0',
])('the file of another program is no post: %j', (text) => {
  const { said, isHeld } = read(text);
  expect(isHeld).toBe(true);
  expect(said[0]?.hint).toBe('save it as plain text, in UTF-8');
});
