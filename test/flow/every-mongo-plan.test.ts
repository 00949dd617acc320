import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { databaseUri } from '../peers/mongo.ts';
import {
  explain,
  findWalks,
  listenToCommands,
  type Seen,
  tell,
  withMonitor,
} from '../store/mongo-plans.ts';
import { peopleTables } from '../store/ask-people.ts';
import { askForAll, files } from './ask-for-all.ts';
import { openWorld } from './world.ts';

afterEach(() => vi.restoreAllMocks());

/** They grow with history, or with the queue. */
const large = [
  'deliveries',
  'journal',
  'samples',
  'latest_samples',
  'posts',
  'links',
  'clicks',
  ...peopleTables,
];

/** What is looked through nevertheless, and why that is little. */
const isLittle: [RegExp, string][] = [
  [
    /^find deliveries \(delivery\.account, delivery\.measureAt \$lte\).* limited$/,
    'only what is still measured has an instant, and each account has one near the front',
  ],
  [
    /^find people \(forgottenAt \$exists, isForgetting\) by _id$/,
    'those who were forgotten within a day, by an index of them alone',
  ],
  [
    /^aggregate clicks \(kind \$ne\)$/,
    'the sums of /metrics: the longer they take, the more seldom they are asked for',
  ],
];

const mongoTest = inject('mongoUri') ? test : test.skip;

mongoTest(
  'each thing that the service, its verbs and its pages ask MongoDB has an index that leads to it',
  async () => {
    const uri = databaseUri(inject('mongoUri') ?? '', `test-${randomUUID()}`);
    const seen: Seen[] = [];
    listenToCommands((some) => seen.push(...some));
    await using world = await openWorld({ files, mongoUri: withMonitor(uri) });
    await askForAll(world);
    const client = await new MongoClient(uri).connect();
    try {
      const db = client.db();
      const walks = await findWalks(db, seen, large);
      const isKnown = (one: string) => isLittle.some(([what]) => what.test(one));
      const unknown = walks.filter((one) => !isKnown(one));
      expect(unknown).toEqual([]);
      const ours = seen.filter((one) => large.includes(one.collection) && !isKnown(tell(one)));
      expect(await explain(db, ours)).toEqual([]);
      expect(new Set(seen.map(tell)).size).toBeGreaterThan(30);
    } finally {
      await client.db().dropDatabase();
      await client.close();
    }
  },
);
