import { expect, test } from 'vitest';
import { systemClock } from '../../src/app/system-clock.ts';
import { openChats } from '../../src/chat/open-chats.ts';
import type { Settings } from '../../src/core/settings.ts';
import { openImages } from '../../src/media/images.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { rareCadence, stateOf, untilState } from '../commands/kit.ts';
import { openWorld, until, type World } from '../flow/world.ts';
import { openFakeTelegram, type FakeTelegram, type Sent, token } from './fake-telegram.ts';
import { makeUncertain, png } from './kit.ts';

const me = 7;
const stranger = 666;
/** Where the notices go. */
const desk = -77;

const chatYaml = ({ url }: FakeTelegram) =>
  `${rareCadence}\nchat: { telegram: { token: "${token}", allow: [${me}, 8], channel: ${desk}, apiRoot: "${url}" } }`;

/** Says a line and waits for the answer to it. */
async function saying(telegram: FakeTelegram, line: string): Promise<Sent> {
  const answers = () => telegram.sent.filter(({ chat }) => chat === me);
  const before = answers().length;
  telegram.say(me, line);
  return until(`an answer to ${line}`, () => answers()[before]);
}

async function pressing(
  telegram: FakeTelegram,
  message: Sent,
  label: string,
  answer = /./,
): Promise<Sent> {
  const before = telegram.sent.length;
  telegram.press(me, message, label);
  return until(`an answer to ${label}`, () =>
    telegram.sent.slice(before).find(({ text }) => answer.test(text)),
  );
}

const toasts = (telegram: FakeTelegram) =>
  telegram.calls
    .filter(({ method, body }) => method === 'answerCallbackQuery' && body['text'] !== undefined)
    .map(({ body }) => String(body['text']));

const said = async (world: World) =>
  (await world.say('journal'))
    .filter(({ by }: { by: string }) => by.startsWith('telegram:'))
    .map(({ type, by }: { type: string; by: string }) => `${type} ${by}`);

test('a person pauses, looks at the queue, skips and takes it back, and the journal knows who it was', async () => {
  await using telegram = await openFakeTelegram();
  await using world = await openWorld({
    yaml: chatYaml(telegram),
    files: {
      'posts/a.md': '---\nnetworks: [x]\n---\n<b>Hello</b> & welcome',
      'posts/b.md': '---\nnetworks: [x]\n---\nB',
    },
  });
  await using _served = await world.serve();
  await world.say('resume');
  await untilState(world, 'a@x', 'planned');
  expect((await saying(telegram, '/pause 2h x')).text).toMatch(
    /^x is paused until \w{3} \d+ \w{3} \d\d:\d\d \(Europe\/Berlin\)\./,
  );
  expect((await saying(telegram, '/resume')).text).toContain('Resumed');
  expect((await saying(telegram, 'queue')).text).toMatch(/^<pre> when .* state .*a@x/s);
  const shown = await saying(telegram, '/show@drip_bot a');
  expect(shown.text).toContain('Hello &amp; welcome');
  expect(shown.keys.map(({ text }) => text)).toEqual(['Skip', 'Later (2h)', 'Publish now']);
  const skipped = await pressing(telegram, shown, 'Skip');
  expect(skipped.text).toContain('a@x moved to the end of the queue');
  expect(shown.keys).toEqual([]);
  expect((await pressing(telegram, skipped, 'Undo')).text).toMatch(
    /^Taken back: a@x was moved to the end of the queue/,
  );
  expect((await saying(telegram, '/puase')).text).toBe(
    'There is no verb "puase": did you mean "pause"?',
  );
  expect(await said(world)).toEqual([
    'paused telegram:7',
    'resumed telegram:7',
    'skipped telegram:7',
    'undone telegram:7',
  ]);
  expect(
    telegram.calls.find(({ method }) => method === 'setMyCommands')?.body['commands'],
  ).toContainEqual({
    command: 'undo',
    description: 'take back your last command',
  });
});

test('a stranger meets silence: nothing is done, and nothing is sent', async () => {
  await using telegram = await openFakeTelegram();
  await using world = await openWorld({ yaml: chatYaml(telegram), files: { 'posts/a.md': 'A' } });
  await using _served = await world.serve();
  await world.say('resume');
  const shown = await saying(telegram, '/show a@x');
  const before = telegram.outgoing().length;
  telegram.say(stranger, '/pause');
  telegram.press(stranger, shown, 'Skip');
  telegram.say(stranger, '/help', { group: -100 });
  // Whoever is allowed and writes after them is answered: they have been passed over.
  await saying(telegram, '/status');
  expect(telegram.outgoing().length).toBe(before + 1);
  expect(await said(world)).toEqual([]);
});

test('a button that is pressed twice acts once, and so does an update that comes in twice, also after a restart', async () => {
  await using telegram = await openFakeTelegram();
  await using world = await openWorld({
    yaml: chatYaml(telegram),
    files: { 'posts/a.md': 'A', 'posts/b.md': 'B' },
  });
  {
    await using _served = await world.serve();
    await world.say('resume');
    await untilState(world, 'a@x', 'planned');
    const shown = await saying(telegram, '/show a@x');
    const keys = [...shown.keys];
    await pressing(telegram, shown, 'Skip');
    telegram.press(8, { ...shown, keys }, 'Skip');
    await until('the second is told', () =>
      toasts(telegram).includes('Done already: a@x was moved to the end of the queue.'),
    );
    const update = telegram.say(me, '/skip b@x --for-good');
    await untilState(world, 'b@x', 'skipped');
    telegram.repeat(update);
    await saying(telegram, '/status');
    expect(await said(world)).toEqual(['skipped telegram:7', 'skipped telegram:7']);
    // The offset is lost, as when the process dies between acting and writing it down.
    const fact = await _served.context.store.findFact('telegram:offset');
    if (fact) await _served.context.store.removeFact(fact.key, fact.revision);
    const undo = telegram.say(me, '/undo');
    await until('it is taken back', async () => (await said(world)).length === 3);
    telegram.repeat(undo);
    telegram.repeat(update);
  }
  await using served = await world.serve();
  const lost = await served.context.store.findFact('telegram:offset');
  if (lost) await served.context.store.removeFact(lost.key, lost.revision);
  await saying(telegram, '/status');
  expect((await said(world)).length).toBe(3);
  expect(await stateOf(world, 'b@x')).not.toBe('skipped');
});

test('what asks first is done on Yes, once, and only for the person who was asked', async () => {
  await using telegram = await openFakeTelegram();
  await using world = await openWorld({
    yaml: chatYaml(telegram),
    files: { 'posts/a.md': '---\nnetworks: [x]\n---\nA' },
  });
  await using _served = await world.serve();
  await world.say('resume');
  await untilState(world, 'a@x', 'planned');
  const question = await saying(telegram, '/now a');
  expect([question.text, question.keys.map(({ text }) => text)]).toEqual([
    'Publish a at once?',
    ['Yes', 'No'],
  ]);
  const keys = [...question.keys];
  telegram.press(8, question, 'Yes');
  await until('the other is told', () =>
    toasts(telegram).some((text) => text.includes('this question is for another person')),
  );
  expect(world.texts('x')).toEqual([]);
  expect((await pressing(telegram, question, 'Yes')).text).toMatch(/^a@x: published http/);
  telegram.press(me, { ...question, keys }, 'Yes');
  await until('the second is told', () =>
    toasts(telegram).includes('Done already: this question was answered.'),
  );
  expect(world.texts('x')).toEqual(['A']);
});

test('approval is given by a button, for the text that stands there', async () => {
  await using telegram = await openFakeTelegram();
  await using world = await openWorld({
    yaml: chatYaml(telegram),
    files: {
      'posts/a.md':
        '---\napproval: required\nnetworks: [x]\nmedia: [{ src: p.png, alt: A red square }]\n---\nA',
      'posts/p.png': await png(),
    },
  });
  await using _served = await world.serve();
  await world.say('resume');
  const shown = await saying(telegram, '/show a');
  expect(shown.keys.map(({ text }) => text)).toEqual(['Approve', 'Reject']);
  const photo = await until('its picture', () =>
    telegram.calls.find(({ method }) => method === 'sendPhoto'),
  );
  expect(String(photo.body['multipart'])).toContain('A red square');
  expect((await pressing(telegram, shown, 'Approve')).text).toBe('a@x approved.');
  await untilState(world, 'a@x', 'planned');
});

test('an uncertain release is told with its two buttons, and settled by either', async () => {
  await using telegram = await openFakeTelegram();
  await using world = await openWorld({
    yaml: chatYaml(telegram),
    files: {
      'posts/a.md': '---\nnetworks: [x]\n---\nA',
      'posts/b.md': '---\nnetworks: [x]\n---\nB',
    },
  });
  await using served = await world.serve();
  await makeUncertain(served, 'a@x');
  const first = await until('the notice', () =>
    telegram.sent.find(({ text }) => text.includes('a@x is uncertain')),
  );
  expect(first.keys.map(({ text }) => text)).toEqual(['Published', 'Not published']);
  expect((await pressing(telegram, first, 'Published', /What is the URL/)).text).toContain(
    'What is the URL of a@x?',
  );
  expect((await saying(telegram, 'https://x.com/dripline/status/99')).text).toBe(
    'a@x is published.',
  );
  expect(await stateOf(world, 'a@x')).toBe('released');
  await makeUncertain(served, 'b@x');
  const second = await until('the other notice', () =>
    telegram.sent.find(({ text }) => text.includes('b@x is uncertain')),
  );
  expect((await pressing(telegram, second, 'Not published', /queued/)).text).toBe(
    'b@x is queued again.',
  );
});

test("trouble of Telegram's is waited out: what was said meanwhile is heard afterwards, and the service goes on", async () => {
  await using telegram = await openFakeTelegram();
  await using world = await openWorld({ yaml: chatYaml(telegram), files: { 'posts/a.md': 'A' } });
  await using _served = await world.serve();
  await saying(telegram, '/status');
  telegram.trouble.push(
    { method: 'getUpdates', status: 502 },
    { method: 'sendMessage', status: 429, body: { parameters: { retry_after: 1 } } },
  );
  expect((await saying(telegram, '/pause')).text).toContain('everything is paused');
  telegram.trouble.push({ method: 'sendMessage', status: 500 });
  expect((await saying(telegram, '/resume')).text).toContain(
    'Done already: everything was resumed',
  );
  telegram.say(me, '/skip next', { date: Math.floor(world.clock.now() / 1000) - 3600 });
  await until('the late one', () =>
    telegram.sent.some(({ text }) => text.includes('when Dripline was not running')),
  );
  expect(await said(world)).toEqual(['paused telegram:7', 'resumed telegram:7']);
});

test('a long answer comes in pieces that Telegram takes, with the end told where there is too much', async () => {
  await using telegram = await openFakeTelegram();
  const files = Object.fromEntries(
    Array.from({ length: 120 }, (_, i) => [
      `posts/post-number-${i}.md`,
      `---\nnetworks: [x]\n---\nText ${i}`,
    ]),
  );
  await using world = await openWorld({ yaml: chatYaml(telegram), files });
  await using _served = await world.serve();
  telegram.say(me, '/queue');
  await until('the pieces', () => telegram.sent.length >= 3);
  expect(
    Math.max(...telegram.sent.map(({ text }) => text.replaceAll(/<[^>]+>/g, '').length)),
  ).toBeLessThanOrEqual(4096);
  telegram.say(me, '/status');
  await until('the status', () => telegram.sent.some(({ text }) => text.includes('queued')));
  expect(telegram.sent.map(({ text }) => text).join('\n')).toContain('post-number-119@x');
});

test('a token that is not good, or a Telegram that cannot be reached, is told once and without the token', async () => {
  await using telegram = await openFakeTelegram();
  await using nobody = await openFakeTelegram();
  const { url } = nobody;
  await nobody[Symbol.asyncDispose]();
  const wrong = '424242:AAwrong-token';
  for (const [apiRoot, what] of [
    [telegram.url, 'the token was refused'],
    [url, 'cannot be reached'],
  ] as const) {
    const warnings: string[] = [];
    const store = openMemoryStore();
    await using _chats = await openChats(
      {
        store,
        clock: systemClock,
        worker: 'w',
        isAlone: true,
        images: openImages({ dataFolder: '/nowhere' }),
        log: { info: () => undefined, warn: (text) => void warnings.push(text) },
        timing: { pollFor: 1, retryAfter: 5 },
        context: {
          store,
          clock: systemClock,
          settings: { zone: 'UTC' } as Settings,
          version: 'test',
        },
      },
      { telegram: { token: wrong, allow: [me], apiRoot } },
    );
    await until('it is told', () => warnings.length);
    expect(warnings.join()).toContain(what);
    expect(warnings.join()).not.toContain('AAwrong');
  }
});
