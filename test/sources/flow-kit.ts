import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { defaultCadence } from '../../src/core/schedule/cadence.ts';
import type { Settings } from '../../src/core/settings.ts';
import { type Context, defaultTiming } from '../../src/flow/context.ts';
import type { KnownNames } from '../../src/sources/folder/post-checks.ts';
import { openFolder } from '../../src/sources/folder/posts-folder.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Alarm } from '../../src/ports/alarms.ts';

export const names: KnownNames = {
  accounts: [
    { name: 'bsky', network: 'bluesky' },
    { name: 'x-main', network: 'x' },
  ],
  queues: ['tips'],
  campaigns: ['spring'],
};

export interface Bench extends AsyncDisposable {
  context: Context;
  posts: string;
  media: string;
  /** Alarms that were set. */
  alarms: Alarm[];
  clock: { now: number };
  /** Writes files of the posts folder, older than the time that files take to settle. */
  write(files: Record<string, string | Buffer>, changedAt?: number): Promise<void>;
  texts(): Promise<string[]>;
}

/** A posts folder and a store in a temporary place, with a clock that is moved by hand. */
export async function makeBench({ settleFor = 2000, skip = [] as string[] } = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'dripline-folder-'));
  const [posts, media] = [join(folder, 'posts'), join(folder, 'media')];
  await Promise.all([mkdir(posts), mkdir(media)]);
  const store = await openSqliteStore({ file: join(folder, 'dripline.db'), mode: 'serve' });
  // What the tests write has settled by then: a file that has just changed is read again.
  const clock = { now: Date.now() + 60_000 };
  const alarms: Alarm[] = [];
  const settings: Settings = {
    isSandbox: false,
    zone: 'Europe/Berlin',
    pacing: { mode: 'steady', audience: 'mostly-here', evergreen: 'in-turn' },
    cadences: {
      bsky: { ...defaultCadence, zone: 'Europe/Berlin' },
      'x-main': { ...defaultCadence, zone: 'Europe/Berlin' },
    },
    queues: { tips: {} },
    campaigns: {},
    mentions: {},
    accounts: [
      {
        name: 'bsky',
        network: 'bluesky',
        baseUrl: 'http://127.0.0.1:1',
        handle: 'h',
        password: 'p',
        isPinned: true,
      },
      {
        name: 'x-main',
        network: 'x',
        baseUrl: 'http://127.0.0.1:1',
        appKey: 'a',
        appSecret: 'b',
        accessToken: 'c',
        accessSecret: 'd',
        maxLength: 280,
      },
    ],
  };
  const never = async () => {
    throw new Error('not in this test');
  };
  const context: Context = {
    store,
    settings,
    timing: defaultTiming,
    worker: 'w',
    hold: {},
    met: new Set(),
    unsent: new Map(),
    feeds: [],
    publishers: new Map(),
    log: { info() {}, warn() {} },
    clock: { now: () => clock.now, monotonic: () => clock.now },
    images: { inspect: never, whyUnfit: never, render: never },
    alarms: {
      set: async (kind, id, at) => {
        alarms.push({ kind, id, at });
      },
      cancel: async () => {},
      start: never,
      stop: async () => {},
      [Symbol.asyncDispose]: async () => {},
    },
    folder: openFolder({
      postsFolder: posts,
      mediaFolder: media,
      label: 'posts',
      zone: 'Europe/Berlin',
      names,
      settleFor,
      skip,
    }),
  };
  return {
    context,
    posts,
    media,
    alarms,
    clock,
    async write(files, changedAt = clock.now - 60_000) {
      for (const [path, text] of Object.entries(files)) {
        const file = join(posts, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
        await utimes(file, changedAt / 1000, changedAt / 1000);
      }
    },
    texts: async () =>
      (await store.listJournal({})).map(({ type, text }) => `${type}: ${text ?? ''}`),
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
