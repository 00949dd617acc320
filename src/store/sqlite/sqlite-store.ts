import { existsSync } from 'node:fs';
import { backup } from 'node:sqlite';
import type { ClickCount, Link } from '../../core/clicks/click.ts';
import { openSqlite, type Sqlite } from '../../io/sqlite.ts';
import { type LinkQuery, StoreError, type Store } from '../../ports/store.ts';
import { writeWhole } from '../../io/files/atomic-file.ts';
import * as deliveries from './delivery-records.ts';
import { guarded } from './store-errors.ts';
import * as clicks from './click-records.ts';
import * as facts from './fact-records.ts';
import * as journal from './journal-records.ts';
import { checkSqlite, migrateSqlite } from './migrations.ts';
import { peopleOn } from './people/people-on-sqlite.ts';
import * as posts from './post-records.ts';
import type { StoreMode } from '../store-version.ts';
import * as samples from './sample-records.ts';

/**
 * The truth in one file. Synchronous FULL: an answered write survives a power cut. Throws
 * StoreError.
 */
export async function openSqliteStore({
  file,
  mode,
}: {
  file: string;
  mode: StoreMode;
}): Promise<Store> {
  return guarded(file, () => {
    if (mode === 'beside' && !existsSync(file)) {
      const advice = 'start Dripline once (npm start), it creates the store';
      throw new StoreError('absent', `${file} does not exist yet: ${advice}`);
    }
    const sqlite = openSqlite(file, { synchronous: 'FULL' });
    try {
      if (mode === 'serve') migrateSqlite(sqlite);
      else checkSqlite(sqlite);
    } catch (error) {
      sqlite.close();
      throw error;
    }
    return storeOn(sqlite);
  });
}

/** The store on a connection whose file is migrated or checked; disposing it closes that. */
export function storeOn(sqlite: Sqlite): Store & Required<Pick<Store, 'backup'>> {
  const guard = <T>(work: () => T | Promise<T>) => guarded(sqlite.file, work);
  return {
    kind: 'sqlite',
    savePosts: (all) => guard(() => posts.savePosts(sqlite, all)),
    findPost: (id) => guard(() => posts.findPosts(sqlite, [id])[0]),
    findPosts: (ids) => guard(() => posts.findPosts(sqlite, ids)),
    listPostMarks: (source) => guard(() => posts.listPostMarks(sqlite, source)),
    listIdsNear: (id, limit) => guard(() => posts.listIdsNear(sqlite, id, limit)),
    addDeliveries: (all, entries = []) =>
      guard(() => {
        if (all.length === 0) journal.appendJournal(sqlite, entries);
        return deliveries.addDeliveries(sqlite, all, entries);
      }),
    findDelivery: (id) => guard(() => deliveries.findDelivery(sqlite, id)),
    listDeliveries: (query) => guard(() => deliveries.listDeliveries(sqlite, query)),
    countDeliveries: (query) => guard(() => deliveries.countDeliveries(sqlite, query)),
    countRuns: (query) => guard(() => deliveries.countRuns(sqlite, query)),
    listAccounts: () => guard(() => deliveries.listAccounts(sqlite)),
    changeDelivery: (before, after, entries = []) =>
      guard(() => deliveries.changeDelivery(sqlite, { before, after }, entries)),
    changeDeliveries: (changes) => guard(() => deliveries.changeDeliveries(sqlite, changes)),
    addSamples: (all) => guard(() => samples.addSamples(sqlite, all)),
    listSamples: (query) => guard(() => samples.listSamples(sqlite, query)),
    removeSamples: (step) => guard(() => samples.removeSamples(sqlite, step)),
    appendJournal: (entries) => guard(() => journal.appendJournal(sqlite, entries)),
    listJournal: (query) => guard(() => journal.listJournal(sqlite, query)),
    removeEntries: (step, kept) => guard(() => journal.removeEntries(sqlite, step, kept)),
    ...linksOn(sqlite, guard),
    people: peopleOn(sqlite, guard),
    findFact: <T>(key: string) => guard(() => facts.findFact<T>(sqlite, key)),
    listFacts: <T>(prefix: string) => guard(() => facts.listFacts<T>(sqlite, prefix)),
    putFact: (key, value, revision) => guard(() => facts.putFact(sqlite, key, { value, revision })),
    removeFact: (key, revision) => guard(() => facts.removeFact(sqlite, key, revision)),
    backup: (file, known) => guarded(file, () => copyTo(sqlite, file, known)),
    [Symbol.asyncDispose]: async () => sqlite.close(),
  };
}

const copyTo = (sqlite: Sqlite, file: string, known: Readonly<Record<string, unknown>> = {}) =>
  writeWhole(file, async (temporary) => {
    await backup(sqlite.db, temporary);
    putIntoCopy(temporary, known);
  });

/** Facts that only the copy has. */
function putIntoCopy(file: string, known: Readonly<Record<string, unknown>>): void {
  if (Object.keys(known).length === 0) return;
  const copy = openSqlite(file, { synchronous: 'FULL' });
  try {
    for (const [key, value] of Object.entries(known)) {
      const { revision = 0 } = facts.findFact(copy, key) ?? {};
      facts.putFact(copy, key, { value, revision });
    }
  } finally {
    copy.close();
  }
}

type Guard = <T>(work: () => T | Promise<T>) => Promise<T>;

const linksOn = (sqlite: Sqlite, guard: Guard) =>
  ({
    addLinks: (all: readonly Link[]) => guard(() => clicks.addLinks(sqlite, all)),
    findLink: (code: string) => guard(() => clicks.findLink(sqlite, code)),
    listLinks: (query: LinkQuery) => guard(() => clicks.listLinks(sqlite, query)),
    putClicks: (all: readonly ClickCount[]) => guard(() => clicks.putClicks(sqlite, all)),
    listClicks: (deliveries?: readonly string[]) =>
      guard(() => clicks.listClicks(sqlite, deliveries)),
    sumClicks: (deliveries?: readonly string[]) =>
      guard(() => clicks.sumClicks(sqlite, deliveries)),
  }) satisfies Partial<Store>;
