import { expect, test } from 'vitest';
import { type AlarmPlace, type Rung, Heard, listenTo, startRinger } from './kit.ts';

export type MakeAlarmPlace = () => Promise<AlarmPlace>;

/** Milliseconds. */
const clockStep = 10;

const pairs = (heard: Heard<Rung>) => heard.all.map(({ kind, id }) => `${kind} ${id}`).sort();

/** What alarms promise, wherever they are kept. */
export function alarmContract(makePlace: MakeAlarmPlace): void {
  test('alarms ring after their instant and carry what was set, those that have passed at once', async () => {
    await using place = await makePlace();
    await using alarms = await place.open();
    const heard = new Heard<Rung>();
    const at = Date.now() + 300;
    await alarms.set('release', 'before the start@ü', 5);
    await alarms.start(listenTo(heard));
    await alarms.set('rescan', 'later', at);
    await alarms.set('feed', '', Date.now() - 1000);
    await heard.count(3);
    expect(pairs(heard)).toEqual(['feed ', 'release before the start@ü', 'rescan later']);
    const later = heard.all.find(({ id }) => id === 'later');
    expect(later?.at).toBe(at);
    expect(later?.rangAt).toBeGreaterThanOrEqual(at - clockStep);
  });

  test('an alarm that is set again replaces the earlier one, also within its last second', async () => {
    await using place = await makePlace();
    await using alarms = await place.open();
    const heard = new Heard<Rung>();
    await alarms.start(listenTo(heard));
    const at = Date.now() + 600;
    await alarms.set('release', 'a', at - 400);
    await alarms.set('release', 'a', at);
    await alarms.set('release', 'b', Date.now() + 60_000);
    await alarms.set('release', 'b', at);
    await Promise.all([at + 1, at + 2, at].map((instant) => alarms.set('rescan', 'c', instant)));
    await alarms.set('feed', 'end', at + 300);
    await heard.until((all) => all.some(({ id }) => id === 'end'));
    expect(pairs(heard)).toEqual(['feed end', 'release a', 'release b', 'rescan c']);
    expect(heard.all.find(({ id }) => id === 'a')?.at).toBe(at);
  });

  test('a cancelled alarm does not ring; others of its kind or id do', async () => {
    await using place = await makePlace();
    const errors: Error[] = [];
    await using alarms = await place.open('worker', (error) => errors.push(error));
    const heard = new Heard<Rung>();
    await alarms.start(listenTo(heard));
    const at = Date.now() + 400;
    for (const [kind, id] of [
      ['release', 'a'],
      ['release', 'b'],
      ['rescan', 'a'],
    ] as const)
      await alarms.set(kind, id, at);
    await alarms.cancel('release', 'a');
    await alarms.cancel('reconcile', 'never set');
    await alarms.set('feed', 'end', at + 300);
    await heard.until((all) => all.some(({ id }) => id === 'end'));
    expect(pairs(heard)).toEqual(['feed end', 'release b', 'rescan a']);
    expect(errors).toEqual([]);
  });

  test('a handler may set its own alarm again while it runs', async () => {
    await using place = await makePlace();
    await using alarms = await place.open();
    const heard = new Heard<Rung>();
    await alarms.start(async (alarm) => {
      if (heard.all.length < 3) await alarms.set('feed', 'all', Date.now() + 50);
      heard.add({ ...alarm, rangAt: Date.now() });
    });
    await alarms.set('feed', 'all', Date.now());
    await heard.count(4);
    expect(heard.all).toHaveLength(4);
  });

  test('a handler that throws is reported, and does not silence the others', async () => {
    await using place = await makePlace();
    const reported = new Heard<Error>();
    await using alarms = await place.open('worker', (error) => reported.add(error));
    const heard = new Heard<Rung>();
    await alarms.start(async (alarm) => {
      heard.add({ ...alarm, rangAt: Date.now() });
      if (alarm.id === 'text') throw 'only text';
      if (alarm.id === 'bad') throw new Error('no luck');
    });
    for (const id of ['bad', 'text', 'good']) await alarms.set('release', id, Date.now());
    await Promise.all([heard.count(3), reported.count(2)]);
    expect(reported.all.map((error) => error.message).sort()).toEqual(['no luck', 'only text']);
  });

  test('more alarms at one instant than are held at once all ring, each once', async () => {
    await using place = await makePlace();
    await using alarms = await place.open();
    const heard = new Heard<Rung>();
    const at = Date.now() + 100;
    await Promise.all(Array.from({ length: 150 }, (_, n) => alarms.set('release', `d${n}`, at)));
    await alarms.start(listenTo(heard));
    await heard.count(150);
    expect(new Set(heard.all.map(({ id }) => id)).size).toBe(150);
    expect(heard.all).toHaveLength(150);
  });

  test('a stop aborts and waits for handlers in hand, and leaves what is to come for the next start', async () => {
    await using place = await makePlace();
    const alarms = await place.open();
    const heard = new Heard<Rung>();
    const at = Date.now() + 700;
    let isDone = false;
    await alarms.start(async (alarm, signal) => {
      heard.add({ ...alarm, rangAt: Date.now() });
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await new Promise((resolve) => setImmediate(resolve));
      isDone = true;
    });
    await alarms.set('release', 'in hand', Date.now());
    await alarms.set('release', 'fetched already', at);
    await heard.count(1);
    await Promise.all([alarms.stop(), alarms.stop()]);
    expect(isDone).toBe(true);
    await using again = await place.open('another worker');
    const later = new Heard<Rung>();
    await again.start(listenTo(later));
    await later.count(1);
    expect(later.all.map(({ id }) => id)).toEqual(['fetched already']);
    expect((later.all[0]?.rangAt ?? 0) - at).toBeLessThan(3000);
  });

  test('after kill -9 the same worker rings at once what it had in hand or had fetched', async () => {
    await using place = await makePlace();
    await using setter = await place.open('setter');
    for (const id of ['a', 'b']) await setter.set('release', id, Date.now());
    const first = await startRinger(place.store, 'stable name', true);
    await first.heard.until((all) => all.includes('release a') && all.includes('release b'));
    await setter.set('rescan', 'soon', Date.now() + 400);
    first.child.kill('SIGKILL');
    await first.ended;
    const startedAt = Date.now();
    const second = await startRinger(place.store, 'stable name');
    await second.heard.until((all) =>
      ['release a', 'release b', 'rescan soon'].every((line) => all.includes(line)),
    );
    expect(Date.now() - startedAt).toBeLessThan(8000);
    second.child.stdin?.end();
    await second.ended;
    expect(second.heard.all.filter((line) => line !== 'started').sort()).toEqual([
      'release a',
      'release b',
      'rescan soon',
    ]);
  });

  test('what another worker holds is left to it', async () => {
    await using place = await makePlace();
    await using setter = await place.open('setter');
    await setter.set('release', 'held elsewhere', Date.now());
    const holder = await startRinger(place.store, 'one', true);
    await holder.heard.until((all) => all.includes('release held elsewhere'));
    const other = await startRinger(place.store, 'two');
    await setter.set('feed', 'end', Date.now());
    await Promise.race(
      [holder, other].map(({ heard }) => heard.until((all) => all.includes('feed end'))),
    );
    expect(other.heard.all).not.toContain('release held elsewhere');
    for (const { child, ended } of [holder, other]) {
      child.stdin?.end();
      await ended;
    }
  });

  test('of two processes one rings each alarm', async () => {
    await using place = await makePlace();
    await using setter = await place.open('setter');
    const ringers = await Promise.all([
      startRinger(place.store, 'one'),
      startRinger(place.store, 'two'),
    ]);
    const start = Date.now() + 200;
    for (let n = 0; n < 120; n += 1) await setter.set('release', `d${n}`, start + n * 10);
    const lines = () =>
      ringers.flatMap(({ heard }) => heard.all.filter((line) => line.startsWith('release')));
    await new Promise<void>((resolve) => {
      for (const { heard } of ringers) void heard.until(() => lines().length >= 120).then(resolve);
    });
    for (const { child, ended } of ringers) {
      child.stdin?.end();
      await ended;
    }
    expect(lines()).toHaveLength(120);
    expect(new Set(lines()).size).toBe(120);
  });

  test('how late sparse alarms ring is printed', async ({ annotate }) => {
    await using place = await makePlace();
    await using alarms = await place.open();
    const heard = new Heard<Rung>();
    await alarms.start(listenTo(heard));
    const start = Date.now() + 100;
    for (let n = 0; n < 40; n += 1) await alarms.set('release', `d${n}`, start + n * 53);
    await heard.count(40);
    const late = heard.all.map(({ at, rangAt }) => rangAt - at).sort((a, b) => a - b);
    await annotate(
      `${place.store.kind}: late p50 ${late[20]} ms, p95 ${late[38]} ms, max ${late.at(-1)} ms`,
    );
    // A timer does not notice when the machine's clock is set back by a little.
    expect(late[0]).toBeGreaterThanOrEqual(-clockStep);
    expect(late[20]).toBeLessThan(1000);
  });
}
