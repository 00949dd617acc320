import { expect, test } from 'vitest';
import { openSqlite } from '../../src/io/sqlite.ts';
import type { PeopleQuery } from '../../src/ports/people/people-store.ts';
import { listPeople } from '../../src/store/sqlite/people/people-search.ts';
import { migrateSqlite } from '../../src/store/sqlite/migrations.ts';
import { storeOn } from '../../src/store/sqlite/sqlite-store.ts';
import { idsOf, makeEnrolment, makePerson, start } from './people-kit.ts';

test('whether what a text finds is sorted or looked for in order, the pages are the same', async () => {
  const sqlite = openSqlite(':memory:', { synchronous: 'NORMAL' });
  migrateSqlite(sqlite);
  await using store = storeOn(sqlite);
  const many = Array.from({ length: 300 }, (_, i) =>
    makePerson(`p-${i}`, {
      createdAt: start + ((i * 37) % 100),
      status: i % 4 ? 'active' : 'won',
      fields: { name: i % 3 ? `Anna Bond ${i}` : `Bob ${i}` },
    }),
  );
  await store.people.addRecords('person', many);
  const members = many.filter((_, i) => i % 5 === 0).map(({ id }) => makeEnrolment('welcome', id));
  await store.people.addRecords('enrolment', members);
  for (const text of ['bo', 'anna', 'p-1', 'nobody'])
    for (const more of [{}, { status: 'won' as const }, { sequence: 'welcome' }]) {
      const query: PeopleQuery = { text, ...more, limit: 7 };
      for (let after: PeopleQuery['after'], pages = 0; pages < 50; pages++) {
        const asked = { ...query, ...(after && { after }) };
        const sorted = listPeople(sqlite, asked, 1000);
        expect(idsOf(listPeople(sqlite, asked, 0))).toEqual(idsOf(sorted));
        expect(new Set(idsOf(sorted)).size).toBe(sorted.length);
        after = sorted.at(-1);
        if (sorted.length < 7) break;
      }
    }
});
