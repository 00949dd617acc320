import { expect, test } from 'vitest';
import { commands } from '../../src/commands/all-commands.ts';
import { keyOfAddress } from '../../src/core/people/person.ts';
import { day, hour, minute } from '../../src/core/time.ts';
import { enter } from '../../src/flow/people/enter.ts';
import { listBatches } from '../../src/flow/people/letters/batch-facts.ts';
import { handOver } from '../../src/flow/people/hand-to-human.ts';
import { stopPerson } from '../../src/flow/people/stop-person.ts';
import { takeActs } from '../../src/flow/people/take-acts.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { berlin, openTestPress } from '../letters/kit.ts';
import { openPeopleWorld, sequence, step } from '../flow/people/people-world.ts';
import { settings } from '../web/page-kit.ts';

type World = ReturnType<typeof openPeopleWorld>;

function open(steps = [step('hello'), step('more', { waitFor: 2 * day })], more = {}) {
  const store = openMemoryStore();
  const welcome = sequence(steps);
  const world = openPeopleWorld({ store, sequences: [welcome], ...more });
  const read = async () => ({ sequences: [welcome], broken: new Map(), notes: [] });
  const { people } = world.context.settings;
  const say = async (line: string, by = 'cli') => {
    const [name, ...args] = line.split(' ');
    const command = commands.find((one) => one.name === name);
    if (!command) throw new Error(`there is no ${name}`);
    const hands = { settings: people, sequences: { read }, hashOf: world.context.hashOf };
    const parts = { store, clock: world.clock, settings, by, version: 'test' };
    const context = { ...parts, openPeople: async () => hands };
    return (await command.run(context, { args, options: {} })).text;
  };
  const come = async (id = 'p-1', changes = {}) => {
    const person = await world.add(id, changes);
    await enter(world.context, { person, sequence: welcome, by: 'form' });
    return person;
  };
  const status = async (id = 'p-1') => (await store.people.findPerson(id))?.status;
  const state = async (id = 'welcome@p-1') => (await store.people.findEnrolment(id))?.state;
  return { store, world, say, come, status, state };
}

const steps = (world: World) => world.received.map(({ dispatch }) => dispatch);

test.each(['take', 'won', 'lost'])(
  '`%s` is taken back: the person goes on, and gets nothing twice',
  async (verb) => {
    const { world, say, come, status, state } = open();
    await come();
    await world.settle();
    world.clock.move(2 * day - hour);
    await say(`${verb} p-1`);
    expect(await state()).toBe('handed-over');
    expect(await say('undo')).toContain('Taken back');
    expect([await status(), await state()]).toEqual(['new', 'active']);
    world.clock.move(2 * hour);
    await world.settle();
    expect(steps(world)).toEqual(['welcome.hello@p-1', 'welcome.more@p-1']);
    await expect(say('undo')).rejects.toThrow('there is nothing to take back');
  },
);

test('a message that was taken back before it went out waits again, once', async () => {
  const { world, say, come, state } = open(undefined, { perSecond: 0.0001 });
  await come('p-0');
  await come('p-1');
  await world.settle();
  const [waiting = ''] = ['p-0', 'p-1'].filter((id) => !steps(world)[0]?.endsWith(id));
  await say(`stop ${waiting}`);
  expect((await world.dispatch(`welcome.hello@${waiting}`))?.state).toBe('cancelled');
  await say('undo');
  expect((await world.dispatch(`welcome.hello@${waiting}`))?.state).toBe('planned');
  world.clock.move(4 * hour);
  await world.settle();
  expect(steps(world).filter((one) => one.endsWith(waiting))).toEqual([`welcome.hello@${waiting}`]);
  expect(await state(`welcome@${waiting}`)).toBe('active');
});

test('`undo` of `stop` ends that stop alone: what the person said holds', async () => {
  const { store, world, say, come, status, state } = open();
  const person = await come();
  await world.settle();
  await say('stop p-1');
  expect([await status(), await state()]).toEqual(['stopped', 'stopped']);
  await say('undo');
  expect([await status(), await state()]).toEqual(['new', 'active']);
  const hash = world.context.hashOf(keyOfAddress(person.addresses[0] ?? berlin));
  expect(await store.people.listSuppressions([hash])).toEqual([]);
  // The person's own word, before or after the operator's, is not taken back with it.
  const own = { person, purpose: '*', because: 'unsubscribed', by: 'p-1' } as const;
  await stopPerson(world.context, own);
  world.clock.move(minute);
  await say('stop p-1');
  await expect(say('undo')).rejects.toThrow('stays stopped, since the person has said so');
  expect(await status()).toBe('stopped');
  expect(await store.people.listSuppressions([hash])).toMatchObject([{ because: 'unsubscribed' }]);
});

test('`undo` of `stop` for one sequence ends nothing else', async () => {
  const { store, world, say, come, state } = open();
  const person = await come();
  const hash = world.context.hashOf(keyOfAddress(person.addresses[0] ?? berlin));
  await say('stop p-1 welcome');
  expect(await store.people.listSuppressions([hash])).toMatchObject([{ purpose: 'welcome' }]);
  expect(await state()).toBe('stopped');
  await say('undo');
  expect(await state()).toBe('active');
  await world.settle();
  expect(steps(world)).toEqual(['welcome.hello@p-1']);
});

test('`undo` of `enrol` as long as nothing was sent; then it says what to do', async () => {
  const { world, say, state } = open();
  await world.add('p-1');
  await say('enrol p-1 welcome');
  await say('undo');
  expect(await state()).toBe('left');
  // It does not count: the person may enter.
  await say('enrol p-1 welcome');
  expect(await state('welcome~2@p-1')).toBe('active');
  await world.settle();
  await expect(say('undo')).rejects.toThrow('Say `stop p-1 welcome` so that nothing follows');
  expect(steps(world)).toEqual(['welcome~2.hello@p-1']);
});

test('what has changed since is not taken back', async () => {
  const { world, say, come } = open();
  await come();
  await say('take p-1', 'telegram:1');
  await say('won p-1', 'telegram:2');
  await expect(say('undo', 'telegram:1')).rejects.toThrow('p-1 is won by now');
  await say('undo', 'telegram:2');
  await say('undo', 'telegram:1');
  expect((await world.context.store.people.findPerson('p-1'))?.status).toBe('new');
});

test('not now: a score hands nobody over for a month, and an answer does', async () => {
  const { world, say, come, status } = open();
  await come();
  await handOver(world.context, 'p-1', 'the score has reached 30');
  expect(await status()).toBe('handed-over');
  expect(await say('later p-1')).toContain('left alone for 30 days');
  await handOver(world.context, 'p-1', 'the score has reached 30');
  expect(await status()).toBe('active');
  const act = { id: 'r', person: 'p-1', kind: 'replied', at: world.clock.now() } as const;
  await takeActs(world.context, [act]);
  expect(await status()).toBe('handed-over');
  await say('take p-1', 'telegram:1');
  expect(await say('take p-1', 'telegram:2')).toContain('already, to telegram:1');
});

test('`letters printed` is taken back as long as nobody has gone on since', async () => {
  const { press } = openTestPress();
  const offer = step('offer', { by: ['letter'] });
  const after = step('after', { waitFor: 3 * day });
  const { store, world, say, come, state } = open([offer, after], { letters: press });
  await come('p-1', { addresses: [{ medium: 'mail', value: 'p-1@example.org' }, berlin] });
  const consent = {
    id: 'c',
    person: 'p-1',
    medium: 'letter',
    purpose: '*',
    way: 'import',
  } as const;
  const at = world.clock.now();
  await store.people.addConsents([{ ...consent, addressKey: keyOfAddress(berlin), at, words: '' }]);
  await world.settle();
  world.clock.move(7 * day);
  await world.settle();
  const printed = async () => {
    await say('letters printed 2026-03-09');
    await world.settle();
    return (await world.dispatch('welcome.offer@p-1'))?.state;
  };
  expect(await printed()).toBe('sent');
  expect(await say('undo')).toContain('Taken back');
  await world.settle();
  expect((await world.dispatch('welcome.offer@p-1'))?.state).toBe('sending');
  expect((await listBatches(store))[0]).toMatchObject({ state: 'made', takenOut: [], edition: 1 });
  expect(await state()).toBe('active');
  expect(await printed()).toBe('sent');
  world.clock.move(3 * day + hour);
  await world.settle();
  expect(steps(world)).toEqual(['welcome.after@p-1']);
  await expect(say('undo')).rejects.toThrow('p-1 has gone on since');
});
