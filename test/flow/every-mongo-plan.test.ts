import { randomUUID } from 'node:crypto';
import { type CommandStartedEvent, type Db, type Document, MongoClient } from 'mongodb';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { databaseUri } from '../peers/mongo.ts';
import { type Asked, findIndexFor, type Index } from '../store/index-for.ts';
import { askForAll, files } from './ask-for-all.ts';
import { openWorld } from './world.ts';

afterEach(() => vi.restoreAllMocks());

/** They grow with history, or with the queue. */
const large = ['deliveries', 'journal', 'samples', 'latest_samples', 'posts', 'links', 'clicks'];

/** What is looked through nevertheless, and why that is little. */
const isLittle: [RegExp, string][] = [
  [
    /^find deliveries \(delivery\.account, delivery\.measureAt \$lte\).* limited$/,
    'only what is still measured has an instant, and each account has one near the front',
  ],
  [
    /^aggregate clicks \(kind \$ne\)$/,
    'the sums of /metrics: the longer they take, the more seldom they are asked for',
  ],
];

interface Seen {
  command: Document;
  collection: string;
  asked: Asked;
}

const mongoTest = inject('mongoUri') ? test : test.skip;

mongoTest(
  'each thing that the service, its verbs and its pages ask MongoDB has an index that leads to it',
  async () => {
    const uri = databaseUri(inject('mongoUri') ?? '', `test-${randomUUID()}`);
    const seen: Seen[] = [];
    listen(({ command }) => seen.push(...readCommand(command)));
    await using world = await openWorld({ files, mongoUri: withMonitor(uri) });
    await askForAll(world);
    const client = await new MongoClient(uri).connect();
    try {
      const db = client.db();
      const walks = new Map<string, Seen>();
      for (const collection of large) {
        const indexes = (await db.collection(collection).listIndexes().toArray()) as Index[];
        for (const one of seen.filter((it) => it.collection === collection))
          if (!findIndexFor(one.asked, indexes)) walks.set(tell(one), one);
      }
      const unknown = [...walks.keys()].filter((one) => !isLittle.some(([what]) => what.test(one)));
      expect(unknown).toEqual([]);
      expect(await explain(db, seen)).toEqual([]);
      expect(new Set(seen.map(tell)).size).toBeGreaterThan(30);
    } finally {
      await client.db().dropDatabase();
      await client.close();
    }
  },
);

const withMonitor = (uri: string) => `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`;

/** To every client from here on. */
function listen(hear: (event: CommandStartedEvent) => void): void {
  const connect = MongoClient.prototype.connect;
  const heard = new WeakSet<MongoClient>();
  vi.spyOn(MongoClient.prototype, 'connect').mockImplementation(function (this: MongoClient) {
    if (!heard.has(this)) this.on('commandStarted', hear);
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
function tell({ command, collection, asked: { filter, sort, limit } }: Seen): string {
  const [name = ''] = Object.keys(command);
  const fields = Object.entries(filter).map(([field, value]) => {
    const isRange = typeof value === 'object' && value !== null && !(value instanceof Date);
    return isRange ? `${field} ${Object.keys(value).join(' ')}` : field;
  });
  const order = Object.keys(sort).length ? ` by ${Object.keys(sort).join(', ')}` : '';
  return `${name} ${collection} (${fields.join(', ')})${order}${limit > 0 ? ', limited' : ''}`;
}

/** What a real server says of them; another one does not plan. Empty: none is a walk. */
async function explain(db: Db, seen: readonly Seen[]): Promise<string[]> {
  const build = await db.admin().command({ buildInfo: 1 });
  if (!('allocator' in build)) return [];
  const distinct = new Map(seen.map((one) => [tell(one), one]));
  const walks: string[] = [];
  for (const [name, one] of distinct)
    if (large.includes(one.collection) && !isLittle.some(([what]) => what.test(name))) {
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
