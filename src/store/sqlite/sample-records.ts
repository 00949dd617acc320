import type { Sample } from '../../core/engagement.ts';
import type { Sqlite } from '../../io/sqlite.ts';
import type { Instant } from '../../core/time.ts';
import type { Removal, SampleQuery } from '../../ports/store.ts';
import { nextStep } from '../next-step.ts';
import { chunks } from '../../core/chunks.ts';
import { addCondition, selectDocs, type Where } from './select.ts';

export function addSamples(sqlite: Sqlite, samples: readonly Sample[]): void {
  for (const chunk of chunks(samples)) {
    sqlite.transaction(() => {
      for (const sample of chunk) {
        const { delivery, at, account, releasedAt } = sample;
        const values = [delivery, at, account, releasedAt, JSON.stringify(sample)];
        sqlite.run(
          `INSERT INTO samples (delivery, at, account, released_at, doc)
           VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
          ...values,
        );
        sqlite.run(
          `INSERT INTO latest_samples (delivery, at, account, released_at, doc)
           VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (delivery) DO UPDATE SET at = excluded.at, doc = excluded.doc
           WHERE excluded.at > at`,
          ...values,
        );
      }
    });
  }
}

export function listSamples(
  sqlite: Sqlite,
  { delivery, account, releasedSince, isLatest = false }: SampleQuery,
): Sample[] {
  const where: Where = { conditions: [], values: [] };
  if (delivery !== undefined) addCondition(where, 'delivery = ?', delivery);
  if (account !== undefined) addCondition(where, 'account = ?', account);
  if (releasedSince !== undefined) addCondition(where, 'released_at >= ?', releasedSince);
  const order = [{ column: 'released_at' }, { column: 'delivery' }, { column: 'at' }];
  const table = isLatest ? 'latest_samples' : 'samples';
  return selectDocs(sqlite, { table, where, order }, (doc) => JSON.parse(doc) as Sample);
}

export function removeSamples(sqlite: Sqlite, step: Removal): Instant | undefined {
  return sqlite.transaction(() => {
    const rows = sqlite.all<{ delivery: string; at: Instant; released: Instant; latest: number }>(
      `SELECT delivery, at, released_at AS released,
              (SELECT l.at FROM latest_samples l WHERE l.delivery = samples.delivery) AS latest
       FROM samples WHERE released_at >= ? AND released_at < ?
       ORDER BY released_at, delivery, at LIMIT ?`,
      step.from,
      step.before,
      step.limit,
    );
    const old = rows.filter(({ at, latest }) => at !== latest);
    for (const { delivery, at } of old)
      sqlite.run('DELETE FROM samples WHERE delivery = ? AND at = ?', delivery, at);
    return nextStep(step, { looked: rows.map(({ released }) => released), removed: old.length });
  });
}
