import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Delivery, deliveryId } from '../../src/core/delivery/delivery.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import type { Post } from '../../src/core/post/post.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store, StoredPost } from '../../src/ports/store.ts';
import { databaseUri } from '../peers/mongo.ts';

export interface Target {
  uri?: string;
  dataFolder: string;
}

/** A place for one test's store, emptied afterwards. */
export interface Place extends AsyncDisposable {
  target: Target;
  open(mode?: 'serve' | 'beside'): Promise<Store>;
}

export async function makeFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'dripline-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export async function makePlace(mongoUri?: string): Promise<Place> {
  const folder = await makeFolder();
  const uri = mongoUri && databaseUri(mongoUri, `test-${randomUUID()}`);
  const target: Target = { dataFolder: folder.path, ...(uri && { uri }) };
  return {
    target,
    open: (mode = 'serve') => openStore({ ...target, mode }),
    [Symbol.asyncDispose]: async () => {
      if (uri) await dropDatabase(uri);
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function dropDatabase(uri: string): Promise<void> {
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(uri);
  try {
    await client.db().dropDatabase();
  } finally {
    await client.close();
  }
}

/** Fields of a delivery in whatever state: a store keeps what it is given. */
export type Fields = { [K in keyof Delivery]?: unknown };

export const alter = (one: Delivery, fields: Fields): Delivery =>
  ({ ...one, ...fields }) as unknown as Delivery;

export function makeDelivery(post: string, changes: Fields & { account?: string } = {}): Delivery {
  const account = changes.account ?? 'bsky';
  const fresh: Delivery = {
    id: deliveryId(post, account),
    post,
    run: 1,
    account,
    network: 'bluesky',
    state: 'queued',
    rank: post,
    terms: { hash: 'h' },
    attempts: 0,
    fence: 0,
    receipts: [],
    looks: 0,
    createdAt: 1_700_000_000_000,
    revision: 0,
  };
  return alter(fresh, changes);
}

/** An entry of whatever type: a journal keeps what it is given. */
export function makeEntry(
  id: string,
  changes: { [K in keyof JournalEntry]?: unknown } = {},
): JournalEntry {
  const entry = { id, at: 1_700_000_000_000, type: 'ingested', by: 'dripline', ...changes };
  return entry as unknown as JournalEntry;
}

export function makePost(id: string, changes: Partial<Post> = {}): StoredPost {
  const post: Post = {
    id,
    source: 'folder',
    file: `posts/${id}.md`,
    hash: `hash of ${id}`,
    draft: false,
    weight: 0,
    order: id,
    approval: false,
    hashtags: [],
    card: true,
    media: [],
    thread: 'manual',
    parts: [`Text of ${id}`],
    overrides: {},
    followUps: [],
    params: {},
    ...changes,
  };
  return {
    id,
    path: `${id}.md`,
    source: 'folder',
    hash: post.hash,
    mark: '12 1700000000000',
    hasOwnId: false,
    post,
  };
}

/**
 * A process of its own that runs one of the scripts beside this file, with the target as its
 * argument.
 */
export function startChild(script: string, target: Target, ...more: string[]): Child {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'children', script), JSON.stringify(target), ...more],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, lines: createInterface({ input: child.stdout }), ended };
}

export interface Child {
  child: ChildProcess;
  lines: AsyncIterable<string>;
  ended: Promise<number | null>;
}

/** Everything that it said, once it has ended well. */
export async function outputOf({ lines, ended }: Child): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  const code = await ended;
  if (code !== 0) throw new Error(`the child ended with ${code}: ${all.join('\n')}`);
  return all;
}

/** Goes on from where each step ended; how many there were. */
export async function countSteps(
  from: number,
  step: (from: number) => Promise<number | undefined>,
): Promise<number> {
  let steps = 0;
  for (let next: number | undefined = from; next !== undefined; steps++) {
    if (steps > 1000) throw new Error('the steps come to no end');
    next = await step(next);
  }
  return steps;
}
