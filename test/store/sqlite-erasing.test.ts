import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqlite } from '../../src/io/sqlite.ts';

test('what is deleted is in the file no more', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-erasing-'));
  try {
    const file = join(folder, 'a.db');
    const sqlite = openSqlite(file, { synchronous: 'FULL' });
    sqlite.exec('CREATE TABLE one (id INTEGER PRIMARY KEY, text TEXT)');
    for (let id = 0; id < 200; id += 1)
      sqlite.run('INSERT INTO one VALUES (?, ?)', id, `ada-${id}@example.org ${'x'.repeat(300)}`);
    sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    expect(readFileSync(file, 'latin1')).toContain('ada-150@example.org');
    sqlite.run('DELETE FROM one WHERE id > 0');
    sqlite.close();
    expect(readFileSync(file, 'latin1').match(/ada-\d+@/g)).toEqual(['ada-0@']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
