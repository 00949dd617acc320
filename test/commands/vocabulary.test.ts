import { expect, test } from 'vitest';
import { inManner, parseLine, tellHelp, tellRefusal } from '../../src/commands/vocabulary.ts';
import { commands } from '../../src/commands/all-commands.ts';

const slash = { prefix: '/' };
const read = (line: string) => {
  const said = parseLine(line, slash);
  return said.kind === 'command' ? { verb: said.command.name, ...said.input } : said;
};

test('a line means the same however it is addressed: bare, with a slash, with the name of the bot, behind /drip', () => {
  for (const line of [
    'pause 2h x-main',
    '/pause 2h x-main',
    '/Pause@the_bot 2h x-main',
    '/drip pause 2h x-main',
    'dripline pause 2h x-main',
  ])
    expect(read(line)).toEqual({ verb: 'pause', args: ['2h', 'x-main'], options: {} });
});

test('quotes hold words together, options stand anywhere, and a phone’s long dash is an option’s two short ones', () => {
  expect(read('/move "hello@bsky" until fri 9am')).toEqual({
    verb: 'move',
    args: ['hello@bsky', 'until', 'fri', '9am'],
    options: {},
  });
  expect(read('/queue --days 30 --account=bsky')).toEqual({
    verb: 'queue',
    args: [],
    options: { days: '30', account: 'bsky' },
  });
  expect(read('/skip —for-good “hello”')).toEqual({
    verb: 'skip',
    args: ['hello'],
    options: { 'for-good': true },
  });
  expect(read('/settle hello "--odd"')).toEqual({
    verb: 'settle',
    args: ['hello', '--odd'],
    options: {},
  });
});

test('what is not understood is told with what was probably meant', () => {
  expect(() => read('/puase')).toThrow('there is no verb "puase": did you mean "pause"?');
  expect(() => read('/blubber')).toThrow('there is no verb "blubber": /help lists all verbs');
  expect(() => read('/check')).toThrow('check works on the command line only: npx dripline check');
  expect(() => read('/queue --day 3')).toThrow('queue has no --day: did you mean "--days"?');
  expect(() => read('/queue --days')).toThrow(
    '--days takes a value: /queue [--account <name>] [--days <n>]',
  );
  expect(() => read('/move hello')).toThrow('an argument is missing: use /move <id> <when...>');
  expect(() => read('/undo hello')).toThrow('too many arguments: use /undo');
});

test('help is made from the verbs themselves, all or one', () => {
  const help = tellHelp(undefined, slash).split('\n');
  expect(help).toHaveLength(commands.length + 1);
  expect(help).toContain('/undo: take back your last command');
  expect(tellHelp('skip', { prefix: '/drip ' })).toContain(
    'For example: /drip skip hello --for-good',
  );
  expect(() => tellHelp('skpi', slash)).toThrow('did you mean "skip"?');
  expect([read(''), read('/start 123'), read('/help /pause')]).toEqual([
    { kind: 'help' },
    { kind: 'help' },
    { kind: 'help', verb: 'pause' },
  ]);
});

test('answers name verbs as the surface says them, and leave alone what the command line alone has', () => {
  expect(inManner('see `dripline queue`, then `dripline check`', { prefix: '/drip ' })).toBe(
    'see `/drip queue`, then `dripline check`',
  );
  expect(tellRefusal(new TypeError('a fault of our own'), slash)).toBeUndefined();
});
