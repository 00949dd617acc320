import type { ClickCount, Link } from '../../core/clicks/click.ts';
import { chunks } from '../../core/chunks.ts';
import type { Sqlite } from '../../io/sqlite.ts';
import type { ClickSum, LinkQuery } from '../../ports/store.ts';

export function addLinks(sqlite: Sqlite, links: readonly Link[]): void {
  for (const chunk of chunks(links)) {
    sqlite.transaction(() => {
      for (const link of chunk) insertLink(sqlite, link);
    });
  }
}

/** Inside a transaction of the caller. */
export function insertLink(sqlite: Sqlite, link: Link): void {
  sqlite.run(
    `INSERT INTO links (code, delivery, created_at, doc) VALUES (?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
    link.code,
    link.delivery,
    link.createdAt,
    JSON.stringify(link),
  );
}

const toLink = ({ doc }: { doc: string }) => JSON.parse(doc) as Link;

export function findLink(sqlite: Sqlite, code: string): Link | undefined {
  const row = sqlite.get<{ doc: string }>('SELECT doc FROM links WHERE code = ?', code);
  return row && toLink(row);
}

/** `json_each` takes a list of any length as one value. */
const among = 'delivery IN (SELECT value FROM json_each(?))';

export function listLinks(sqlite: Sqlite, { deliveries, newest, page }: LinkQuery): Link[] {
  if (page)
    return sqlite
      .all<{ doc: string }>(
        'SELECT doc FROM links WHERE code > ? ORDER BY code LIMIT ?',
        page.after,
        page.limit,
      )
      .map(toLink);
  const where = deliveries ? `WHERE ${among}` : '';
  const order = newest === undefined ? 'ORDER BY code' : 'ORDER BY created_at DESC, code LIMIT ?';
  const values = [...(deliveries ? [JSON.stringify(deliveries)] : []), ...listOf(newest)];
  return sqlite
    .all<{ doc: string }>(`SELECT doc FROM links ${where} ${order}`, ...values)
    .map(toLink);
}

const listOf = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);

export function putClicks(sqlite: Sqlite, counts: readonly ClickCount[]): void {
  for (const chunk of chunks(counts)) {
    sqlite.transaction(() => {
      for (const { delivery, at, kind, counter, count } of chunk)
        sqlite.run(
          `INSERT INTO clicks (delivery, at, kind, counter, count) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (delivery, at, kind, counter)
           DO UPDATE SET count = max(count, excluded.count)`,
          delivery,
          at,
          kind,
          counter,
          count,
        );
    });
  }
}

export function listClicks(sqlite: Sqlite, deliveries?: readonly string[]): ClickCount[] {
  return sqlite.all<ClickCount>(
    `SELECT delivery, at, kind, counter, count FROM clicks ${deliveries ? `WHERE ${among}` : ''}
     ORDER BY delivery, at, kind, counter`,
    ...(deliveries ? [JSON.stringify(deliveries)] : []),
  );
}

export function sumClicks(sqlite: Sqlite, deliveries?: readonly string[]): ClickSum[] {
  return sqlite.all<ClickSum>(
    `SELECT delivery, kind, sum(count) AS count FROM clicks
     WHERE kind <> 'unique' ${deliveries ? `AND ${among}` : ''}
     GROUP BY delivery, kind ORDER BY delivery, kind`,
    ...(deliveries ? [JSON.stringify(deliveries)] : []),
  );
}
