import { expect, test } from 'vitest';
import { findMatch, type Searching, type Status } from '../../src/networks/mastodon/statuses.ts';

const status = (id: number, text: string): Status => ({
  id: String(id),
  url: `https://m.example/${id}`,
  at: id,
  text,
  mediaCount: 0,
});

test('sources are asked for only where the content may be the same, and a search that broke off is continued', async () => {
  const asked: string[] = [];
  let breaksAt = 2;
  const $select = (id: string) => ({
    source: {
      fetch: async () => {
        asked.push(id);
        if (asked.length === breaksAt) throw new Error('the line broke');
        return { text: id === '3' ? '**Good** day' : `Good ~day~ ${id}` };
      },
    },
  });
  const searching: Searching = {
    client: { v1: { statuses: { $select } } } as never,
    sources: new Map(),
    isTaken: async (id) => id === '9',
  };
  const others = Array.from({ length: 40 }, (_, i) => status(100 + i, `Another post, ${i}`));
  const alike = [1, 2, 3, 9].map((id) => status(id, 'Good day'));
  const search = () =>
    findMatch(searching, [...others, ...alike], { text: '**Good** day', mediaCount: 0 });
  await expect(search()).rejects.toThrow('the line broke');
  breaksAt = 0;
  expect((await search())?.id).toBe('3');
  expect(asked).toEqual(['1', '2', '2', '3']);
});
