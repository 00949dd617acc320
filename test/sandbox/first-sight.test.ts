import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  hasFastClock,
  openFastClock,
  readFastClock,
  setFastClock,
  speed,
} from '../../src/app/sandbox/fast-clock.ts';
import { preparePast } from '../../src/app/sandbox/own-folder.ts';
import { playPast } from '../../src/app/sandbox/play-past.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { day, minute } from '../../src/core/time.ts';
import type { Store } from '../../src/ports/store.ts';
import { listBatches } from '../../src/flow/people/letters/batch-facts.ts';
import { openStore } from '../../src/store/open-store.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'dripline-first-sight-'));
const begun = Date.parse('2026-11-28T09:00:00Z');
const quiet = { info: () => undefined, warn: () => undefined };

test('the fast clock stands while nothing runs, and is never behind what it told, killed or not', () => {
  const folder = newFolder();
  setFastClock(folder, begun);
  expect(readFastClock(folder).now()).toBe(begun);
  let told = begun;
  for (let start = 0; start < 5; start++) {
    const clock = openFastClock(folder);
    for (let i = 0; i < 1000; i++) {
      const now = clock.now();
      expect(now).toBeGreaterThanOrEqual(told);
      told = now;
    }
    // Every other one is killed: it says nothing at its end.
    if (start % 2) continue;
    clock[Symbol.dispose]();
    const stood = clock.now();
    expect(readFastClock(folder).now()).toBe(stood);
    expect(clock.now()).toBe(stood);
    told = stood;
  }
});

test('who looks from outside has the time of the service', () => {
  const folder = newFolder();
  setFastClock(folder, begun);
  using clock = openFastClock(folder);
  const outside = readFastClock(folder);
  expect(outside.speed).toBe(speed);
  // A file has whole milliseconds, each of which is two of these seconds.
  const slack = 2 * speed;
  const before = clock.now();
  const read = outside.now();
  expect(read).toBeGreaterThanOrEqual(before - slack);
  expect(read).toBeLessThanOrEqual(clock.now() + slack);
});

test('a past is made once: begun anew after a kill, ended where it was complete, never over another', async () => {
  const folder = newFolder();
  const made: string[] = [];
  const play = async (fresh: string) => {
    made.push(fresh);
    setFastClock(fresh, begun);
    writeFileSync(join(fresh, 'dripline.db'), `past ${made.length}`);
    mkdirSync(join(fresh, 'networks-media'));
  };
  const prepare = () => preparePast(folder, { log: quiet, play });
  const past = join(folder, 'past.new');
  const content = () => readFileSync(join(folder, 'dripline.db'), 'utf8');

  mkdirSync(join(past, 'networks-media'), { recursive: true });
  writeFileSync(join(past, 'half'), '');
  await prepare();
  expect([made.length, content()]).toEqual([1, 'past 1']);
  expect(readdirSync(folder).sort()).toEqual(['clock.json', 'dripline.db', 'networks-media']);
  await prepare();
  expect(made).toHaveLength(1);

  // Killed while what was complete was being moved.
  mkdirSync(past);
  writeFileSync(join(past, 'done'), '');
  writeFileSync(join(past, 'networks.jsonl'), '');
  await prepare();
  expect(made).toHaveLength(1);
  expect(existsSync(past)).toBe(false);
  expect(existsSync(join(folder, 'networks.jsonl'))).toBe(true);
});

test.each([['dripline.db'], ['networks.jsonl']])(
  'what an earlier version left is put aside with a word, never deleted: %s',
  async (name) => {
    const folder = newFolder();
    writeFileSync(join(folder, name), 'of an earlier version');
    writeFileSync(join(folder, 'serve.lock'), 'held');
    const said: string[] = [];
    const log = { info: () => undefined, warn: (text: string) => void said.push(text) };
    const play = async (fresh: string) => setFastClock(fresh, begun);
    await preparePast(folder, { log, play });
    const [aside = ''] = readdirSync(folder).filter((one) => one.startsWith('earlier-'));
    expect(said).toEqual([expect.stringContaining(join(folder, aside))]);
    expect(readFileSync(join(folder, aside, name), 'utf8')).toBe('of an earlier version');
    expect(readdirSync(folder).sort()).toEqual(['clock.json', aside, 'serve.lock'].sort());
    expect(hasFastClock(folder)).toBe(true);
    await preparePast(folder, { log, play });
    expect(said).toHaveLength(1);
  },
);

test('the past that a sandbox begins with: networks and journal agree, and every page has something', async () => {
  const folder = newFolder();
  const home = join(import.meta.dirname, '../..');
  const environment = openEnvironment(
    folder,
    { DRIPLINE_POSTS: join(home, 'posts'), DRIPLINE_MEDIA: join(home, 'media') },
    { hasFile: false },
  );
  await playPast(loadConfig(folder, environment), { folder, port: 0, now: begun });
  const until = readFastClock(folder).now();
  await using store = await openStore({ dataFolder: folder, mode: 'beside' });
  const released = await store.listDeliveries({ states: ['released'] });
  const lines = readFileSync(join(folder, 'networks.jsonl'), 'utf8').split('\n').filter(Boolean);
  const standing = lines
    .flatMap((line) => JSON.parse(line) as { type: string; post?: Record<string, unknown> }[])
    .flatMap(({ type, post }) => (type === 'post' && post ? [post] : []));

  // Never twice, never lost.
  const receipts = released.flatMap((one) => one.receipts.map(({ url, at }) => ({ url, at })));
  expect(receipts.map(({ url }) => url).sort()).toEqual(standing.map(({ url }) => url).sort());
  const journal = await store.listJournal({});
  const told = journal.filter(({ type }) => type === 'released').map(({ delivery }) => delivery);
  expect([...new Set(told)].sort()).toEqual(released.map(({ id }) => id).sort());
  for (const { at } of [...receipts, ...journal]) expect(at).toBeLessThanOrEqual(until);

  // One to three posts a day on each account, for three weeks.
  const accounts = Map.groupBy(released, ({ account }) => account);
  expect(accounts.size).toBe(3);
  for (const own of accounts.values()) {
    const days = Map.groupBy(own, ({ startedAt = 0 }) => Math.floor(startedAt / day));
    expect(days.size).toBeGreaterThanOrEqual(18);
    expect(Math.max(...[...days.values()].map(({ length }) => length))).toBeLessThanOrEqual(4);
  }
  const campaigns = new Set(released.map(({ terms }) => terms.campaign).filter(Boolean));
  expect([...campaigns].sort()).toEqual(['launch', 'workshop']);
  expect(released.some(({ terms }) => terms.feed)).toBe(true);
  expect(released.some(({ terms }) => terms.followUp)).toBe(true);
  expect(await store.countDeliveries({ states: ['uncertain'] })).toBe(1);
  const waiting = await store.listDeliveries({ states: ['waiting'] });
  expect(waiting.map(({ because }) => because)).toContain('approval');
  const samples = await store.listSamples({ isLatest: true });
  expect(samples.reduce((sum, { counts }) => sum + (counts.likes ?? 0), 0)).toBeGreaterThan(100);
  // Links were opened in those weeks, by people and by machines; what has none has no number.
  const links = await store.listLinks({});
  expect(links.map(({ target }) => target).every((one) => one.startsWith('http'))).toBe(true);
  const linked = samples.filter(({ counts }) => counts.clicks !== undefined);
  const outside = new Set(links.map(({ delivery }) => delivery));
  expect(linked.length).toBeGreaterThan(5);
  expect(linked.every(({ delivery }) => outside.has(delivery))).toBe(true);
  expect(linked.reduce((sum, { counts }) => sum + (counts.clicks ?? 0), 0)).toBeGreaterThan(20);
  const opened = await store.sumClicks();
  expect(new Set(opened.map(({ kind }) => kind))).toEqual(new Set(['machine', 'person']));
  expect(until - begunOf(receipts)).toBeGreaterThan(20 * day - 60 * minute);
  await expectPeople(store, lines, until);
  // Letters were put together on Mondays, and wait for a printer.
  const batches = await listBatches(store);
  expect(batches.length).toBeGreaterThan(0);
  for (const one of batches) {
    expect(one).toMatchObject({ state: 'made', takenOut: [] });
    expect(existsSync(join(folder, `letters/letters-${one.id}.pdf`))).toBe(true);
  }
  const own = await store.people.listRecords({ kind: 'coupon', limit: 99 });
  expect(own.length).toBe(new Set(own.map(({ person }) => person)).size);
}, 60_000);

/** Some at every place of the sequence, each mail once in an inbox, nothing of them elsewhere. */
async function expectPeople(store: Store, lines: string[], until: number) {
  const { people } = store;
  expect(await people.countPeople({})).toBe(30);
  const counts = await people.countEnrolments('welcome');
  const live = counts.filter(({ isHoldout }) => !isHoldout).map(({ state }) => state);
  expect(live.toSorted()).toEqual(['active', 'finished', 'handed-over', 'reached', 'stopped']);
  expect(counts.some(({ isHoldout }) => isHoldout)).toBe(true);
  const dispatches = await people.listDispatches({ sequence: 'welcome' });
  expect(new Set(dispatches.map(({ state }) => state))).not.toContain('failed');
  expect(new Set(dispatches.map(({ step }) => step)).size).toBe(4);
  const sent = dispatches.filter(({ state }) => state === 'sent');
  for (const { sentAt = 0 } of sent) expect(sentAt).toBeLessThanOrEqual(until);
  const mails = lines
    .flatMap((line) => JSON.parse(line) as { type: string; mail?: { messageId: string } }[])
    .flatMap(({ type, mail }) => (type === 'mail' && mail ? [mail.messageId] : []));
  expect(mails.toSorted()).toEqual(sent.map(({ intent }) => intent?.messageId).toSorted());
  const told = (await store.listJournal({})).filter(({ person }) => person !== undefined);
  expect(told.length).toBeGreaterThan(60);
  expect(JSON.stringify(told)).not.toContain('people.example');
}

const begunOf = (all: { at: number }[]) => Math.min(...all.map(({ at }) => at));
