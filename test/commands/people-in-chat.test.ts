import { expect, test } from 'vitest';
import { commands } from '../../src/commands/all-commands.ts';
import type { CommandContext } from '../../src/commands/command.ts';
import { defaultPeople } from '../../src/core/people/people-settings.ts';
import { openDesk } from '../../src/chat/desk.ts';
import { isForOperators, toNotices } from '../../src/flow/notify/notify-pick.ts';
import { hashOf, sequence, step } from '../flow/people/people-world.ts';
import { now, openPageContext } from '../web/page-kit.ts';
import { addPeople } from '../web/people-past.ts';

async function openChat(by: string) {
  const context = await openPageContext();
  await addPeople(context.store, now);
  const read = async () => ({
    sequences: [sequence([step('hello'), step('first-steps')])],
    broken: new Map(),
    notes: [],
  });
  const inChat: CommandContext & AsyncDisposable = {
    ...context,
    by,
    openPeople: async () => ({ settings: defaultPeople, sequences: { read }, hashOf }),
  };
  const say = async (name: string, ...args: string[]) => {
    const command = commands.find((one) => one.name === name);
    if (!command) throw new Error(`there is no ${name}`);
    return (await command.run(inChat, { args, options: {} })).text;
  };
  return { context: inChat, say };
}

const chats = ['telegram:1', 'slack:U1', 'discord:1', 'agent:claude'];

test.each(chats)('no more of a person than is needed is said to %s', async (by) => {
  const { context, say } = await openChat(by);
  await using _context = context;
  const list = await say('people');
  expect(list).toMatch(/^p-ada {2}active {2}score 12$/m);
  expect(list).not.toMatch(/@|Name of/);
  const one = await say('person', 'p-ada');
  expect(one).toContain('p-ada@example.com');
  expect(one).toContain('2 days after the step before it');
  expect(one).not.toMatch(/Name of|acme\.example|Which|guide/);
  expect(await say('sequences')).not.toMatch(/@|p-/);
});

test('at home the list has names and addresses', async () => {
  const { context, say } = await openChat('cli');
  await using _context = context;
  expect(await say('people')).toMatch(/p-ada .*Name of p-ada {2}p-ada@example\.com/);
  expect(await say('person', 'p-ada')).toContain('What the person did');
  const own = { file: 'spring', code: 'SPRING-1', person: 'p-ada', at: now };
  await context.store.people.reserveCoupon(own);
  await say('take', 'p-ada');
  const taken = await say('person', 'p-ada');
  expect(taken).toContain('cli looks after this person');
  expect(taken).toContain('coupon of spring: SPRING-1');
});

test('who is handed over by a score is one notice; what an operator says about it is none', async () => {
  const { context, say } = await openChat('telegram:1');
  await using _context = context;
  const entry = { id: 'e', at: now, type: 'handed-over', by: 'dripline', person: 'p-bob' } as const;
  const text = 'p-bob is handed over to a human: the score has reached 30';
  await context.store.appendJournal([{ ...entry, text, data: { status: 'handed-over' } }]);
  expect(await say('take', 'p-ada')).toBe('p-ada is handed over to a human now.');
  expect(await say('take', 'p-ada')).toBe(
    'p-ada is handed over to a human already, to telegram:1.',
  );
  await say('won', 'p-ada');
  await say('lost', 'p-bob');
  const told = (await context.store.listJournal({})).filter(isForOperators);
  const notices = toNotices(told);
  expect(notices).toHaveLength(1);
  expect(notices[0]?.title).toBe('p-bob is handed over');
});

test('a hand-over has three buttons, and the first who presses one answers it', async () => {
  const { context } = await openChat('telegram:1');
  await using _context = context;
  const desk = openDesk({
    context,
    manner: { prefix: '/' },
    images: {} as never,
    allow: ['telegram:1', 'telegram:2'],
  });
  const entry = { id: 'e', at: now, type: 'handed-over', by: 'dripline', person: 'p-bob' } as const;
  const buttons = await desk.buttonsOf([{ ...entry, data: { status: 'handed-over' } }]);
  expect(buttons.map(({ label }) => label)).toEqual(['I take it', 'Not now', 'Lost']);
  const [take, notNow, lost] = buttons.map(({ data }) => data);
  const press = (by: string, data = '') => desk.hear({ by, command: `${by} ${data}` })?.press(data);
  expect(desk.hear({ by: 'telegram:3', command: 'x' })).toBeUndefined();
  expect((await press('telegram:1', take))?.text).toContain('p-bob is handed over to a human now');
  expect((await press('telegram:2', take))?.text).toBe(
    'Done already: telegram:1 looks after p-bob.',
  );
  expect((await press('telegram:2', notNow))?.isDone).toBe(true);
  expect((await context.store.people.findPerson('p-bob'))?.takenBy).toBe('telegram:1');
  await context.store.people.forgetPerson('p-bob');
  expect((await press('telegram:2', lost))?.text).toContain('this person was forgotten');
});

test('what waits for a word has its button, and looking has no undo', async () => {
  const { context } = await openChat('telegram:1');
  await using _context = context;
  const parts = { context, manner: { prefix: '/' }, images: {} as never, allow: ['telegram:1'] };
  const desk = openDesk(parts);
  const notice = (id: string) => desk.buttonsOf([{ id, at: now, type: 'notice', by: 'dripline' }]);
  expect((await notice('people-backlog:5')).map(({ label }) => label)).toEqual(['Send them']);
  const [printed] = await notice('letters:2026-11-23-2:made');
  expect(printed).toEqual({ label: 'Printed', data: 'd|2026-11-23-2' });
  expect(await notice('letters:2026-11-23:edition:2')).toEqual([]);
  const hear = (command: string) => desk.hear({ by: 'telegram:1', command });
  const said = await hear('a')?.press(printed?.data ?? '');
  expect(said?.text).toContain('here is no batch "2026-11-23-2"');
  expect((await hear('b')?.press('b|backlog'))?.text).toBe('Nothing waits for your word.');
  for (const line of ['/people', '/sequences', '/letters', '/backlog'])
    expect([line, (await hear(line)?.answer(line))?.buttons]).toEqual([line, []]);
});
