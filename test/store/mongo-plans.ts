import { type CommandStartedEvent, type Db, type Document, MongoClient } from 'mongodb';
import { vi } from 'vitest';
import { type Asked, findIndexFor, type Index } from './index-for.ts';

export interface Seen {
  command: Document;
  collection: string;
  asked: Asked;
}

export const withMonitor = (uri: string) =>
  `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`;

/** To every client from here on, until all mocks are restored. */
export function listenToCommands(hear: (seen: Seen[]) => void): void {
  const connect = MongoClient.prototype.connect;
  const heard = new WeakSet<MongoClient>();
  vi.spyOn(MongoClient.prototype, 'connect').mockImplementation(function (this: MongoClient) {
    const listener = ({ command }: CommandStartedEvent) => hear(readCommand(command));
    if (!heard.has(this)) this.on('commandStarted', listener);
    heard.add(this);
    return connect.call(this);
  });
}

function readCommand(command: Document): Seen[] {
  const [name = ''] = Object.keys(command);
  const collection = String(command[name]);
  const as = (filter: unknown, sort: unknown = {}, limit: unknown = 0): Seen => ({
    command,
    collection,
    asked: {
      filter: (filter ?? {}) as Asked['filter'],
      // The driver sends it in its order.
      sort: (sort instanceof Map ? Object.fromEntries(sort) : sort) as Asked['sort'],
      limit: Number(limit),
    },
  });
  switch (name) {
    case 'find':
      return [as(command['filter'], command['sort'], command['limit'])];
    case 'count':
      return [as(command['query'])];
    case 'findAndModify':
      return [as(command['query'], command['sort'], 1)];
    case 'distinct':
      // From one value of the index to the next.
      return [as(command['query'], { [command['key']]: 1 }, 1)];
    case 'aggregate':
      return [as(command['pipeline'][0]?.$match, command['pipeline'][1]?.$sort)];
    case 'update':
      return command['updates'].map(({ q }: Document) => as(q));
    case 'delete':
      return command['deletes'].map(({ q }: Document) => as(q));
    default:
      return [];
  }
}

/** What is asked, whatever the values are. */
export function tell({ command, collection, asked: { filter, sort, limit } }: Seen): string {
  const [name = ''] = Object.keys(command);
  const fields = Object.entries(filter).map(([field, value]) => {
    const isRange = typeof value === 'object' && value !== null && !(value instanceof Date);
    return isRange ? `${field} ${Object.keys(value).join(' ')}` : field;
  });
  const order = Object.keys(sort).length ? ` by ${Object.keys(sort).join(', ')}` : '';
  return `${name} ${collection} (${fields.join(', ')})${order}${limit > 0 ? ', limited' : ''}`;
}

/** Those that no index leads to, by what is asked. */
export async function findWalks(
  db: Db,
  seen: readonly Seen[],
  collections: readonly string[],
): Promise<string[]> {
  const walks = new Set<string>();
  for (const collection of collections) {
    const indexes = (await db.collection(collection).listIndexes().toArray()) as Index[];
    for (const one of seen.filter((it) => it.collection === collection))
      if (!findIndexFor(one.asked, indexes)) walks.add(tell(one));
  }
  return [...walks];
}

/** What a real server says of them; another one does not plan. Empty: none is a walk. */
export async function explain(db: Db, seen: readonly Seen[]): Promise<string[]> {
  const build = await db.admin().command({ buildInfo: 1 });
  if (!('allocator' in build)) return [];
  const distinct = new Map(seen.map((one) => [tell(one), one]));
  const walks: string[] = [];
  for (const [name, one] of distinct) {
    const plan = await db.command({ explain: toExplain(one.command), verbosity: 'queryPlanner' });
    if (JSON.stringify(plan).includes('"COLLSCAN"')) walks.push(name);
  }
  return walks;
}

/** Without what belongs to the session, and one write of many. */
function toExplain(command: Document): Document {
  const { lsid: _, txnNumber: _number, writeConcern: _concern, ...rest } = command;
  const own = Object.entries(rest).filter(([key]) => !key.startsWith('$'));
  return Object.fromEntries(
    own.map(([key, value]) => [
      key,
      key === 'updates' || key === 'deletes' ? (value as Document[]).slice(0, 1) : value,
    ]),
  );
}
