import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toMessages } from '../../src/chat/discord/send.ts';
import { toMessage } from '../../src/chat/slack/blocks.ts';
import { toHtml } from '../../src/chat/telegram/send.ts';
import { splitText } from '../../src/chat/split-message.ts';
import { sendOrPlain } from '../../src/flow/notify/notify-refused.ts';
import { type Notice, toRefusal } from '../../src/ports/notice-channel.ts';
import { openFakeSlack } from '../chat/fake-slack.ts';
import { openFakeTelegram } from '../chat/fake-telegram.ts';
import { openWorld, until } from '../flow/world.ts';
import { inputs } from './kit.ts';

const link = 'https://shop.example/item?ref=a&size=m&colour=red';
const hostile: Record<string, string> = {
  ampersands: '&'.repeat(6000),
  'comparisons in lines': '< & >\n'.repeat(2000),
  links: `${link}\n`.repeat(200),
  'links without lines': 'http://a '.repeat(1500),
  table: `one  two  & three\n${'a  &<>  b\n'.repeat(900)}`,
  marks: '*_~`|[x](https://evil.example)#>'.repeat(300),
  faces: '😀&'.repeat(3000),
  fences: '```\n'.repeat(2000),
};

test.each(Object.entries(hostile))('a chat takes every piece of %s', (_what, text) => {
  const { blocks } = toMessage({ text, title: text, buttons: [] });
  expect(blocks.length).toBeLessThanOrEqual(50);
  for (const block of blocks) {
    const said = slackText(block);
    const escaped = said.replaceAll('&', '&amp;').replaceAll(/[<>]/g, '&lt;');
    expect(escaped.length).toBeLessThanOrEqual(3000);
    expect(said).not.toBe('');
  }
  for (const { content = '' } of toMessages({ text, title: text, buttons: [] }))
    expect(content.length).toBeLessThanOrEqual(2000);
  expect(splitText(text, { length: 1000, most: 1e6 }).join('').replaceAll('\n', '')).toBe(
    text.replaceAll('\n', ''),
  );
});

test('a masked link, and other Markdown of a stranger, is shown by Discord as it is written', () => {
  const text = '[Dripline: settle](https://evil.example/login) **b** # x (https://a.example/b_c)';
  expect(toMessages({ text, buttons: [] })[0]?.content).toBe(
    String.raw`\[Dripline: settle\](<https://evil.example/login>) ` +
      String.raw`\*\*b\*\* \# x (<https://a.example/b_c>)`,
  );
});

const slackText = (node: object): string => {
  const { elements, text, url } = node as { elements?: object[]; text?: string; url?: string };
  return elements ? elements.map(slackText).join('') : (text ?? url ?? '');
};

const marked = fc
  .array(
    fc.oneof(
      fc.constantFrom('*', '_', '~', '`', '```', '[x](', '<!channel>', '&', ' ', '\n', '# '),
      fc.constantFrom('bold', '`rm -rf`', 'https://a.example/b_c~d*e', '`/drip settle`'),
      fc.string({ maxLength: 6, unit: 'grapheme' }),
    ),
    { maxLength: 25 },
  )
  .map((parts) => parts.join(''));

const runs = inputs(300, 5000);

test(`${runs} texts of strangers: Slack gets no marks, and Telegram no tags, that they have written`, () => {
  fc.assert(
    fc.property(marked, (text) => {
      const { blocks } = toMessage({ text, buttons: [] });
      expect(blocks.every(({ type }) => type === 'rich_text')).toBe(true);
      const without = (said: string) => said.replaceAll('`', '');
      expect(without(blocks.map(slackText).join('\n'))).toBe(without(text || ' '));
      const html = toHtml(text);
      for (const [, code = ''] of html.matchAll(/<code>(.*?)<\/code>/gs))
        expect(code).toBe('/drip settle');
      const shown = html
        .replaceAll(/<\/?(code|pre)>/g, '')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&amp;', '&');
      expect(without(shown)).toBe(without(text));
    }),
    { numRuns: runs },
  );
});

test('own verbs in backticks stay easy to copy, and addresses are links, in each chat', () => {
  const text = 'say `/drip settle a@x`, or see https://a.example/b_c.';
  expect(toMessage({ text, buttons: [] }).blocks[0]?.elements[0]).toMatchObject({
    elements: [
      { text: 'say ' },
      { text: '/drip settle a@x', style: { code: true } },
      { text: ', or see ' },
      { type: 'link', url: 'https://a.example/b_c' },
      { text: '.' },
    ],
  });
  expect(toHtml(text)).toContain('<code>/drip settle a@x</code>');
  expect(toHtml('say `/pause 1h`')).toBe('say <code>/pause 1h</code>');
  expect(toMessages({ text, buttons: [] })[0]?.content).toContain('`/drip settle a@x`');
});

const notice: Notice = { title: 'a & b', text: '<x>'.repeat(900), entries: [], isUrgent: true };

test('what a channel refuses for good is said shorter, then in words of Dripline alone', async () => {
  for (const refusals of [0, 1, 2]) {
    const sent: Notice[] = [];
    await sendOrPlain(notice, async (form) => {
      sent.push(form);
      if (sent.length <= refusals) throw toRefusal('no');
    });
    expect(sent).toHaveLength(refusals + 1);
    expect(sent.at(-1)?.isPlain === true).toBe(refusals > 0);
    if (refusals) expect(sent.at(-1)?.text.length).toBeLessThan(400);
    expect(sent.slice(1).every(({ text }) => !/[<>]/.test(text))).toBe(true);
  }
  const busy = sendOrPlain(notice, () => Promise.reject(new Error('429')));
  await expect(busy).rejects.toThrow('429');
  const shut = sendOrPlain(notice, () => Promise.reject(toRefusal('404')));
  await expect(shut).rejects.toThrow('404');
});

const me = 7;
const telegramYaml = (url: string, token: string) =>
  `chat: { telegram: { token: "${token}", allow: [${me}], apiRoot: "${url}" } }`;

test('in Telegram, what was written by someone else is no command of the person who passes it on', async () => {
  const { token } = await import('../chat/fake-telegram.ts');
  await using telegram = await openFakeTelegram();
  await using world = await openWorld({ yaml: telegramYaml(telegram.url, token) });
  await using _served = await world.serve();
  const person = { id: me, is_bot: false, first_name: 'P' };
  const date = Math.floor(Date.now() / 1000);
  const push = (extra: object) => {
    const chat = { id: me, type: 'supergroup', title: 'G' };
    const message = { message_id: 1, date, from: person, chat, text: '/status', ...extra };
    return telegram.repeat({ update_id: ++count, message });
  };
  let count = 5000;
  push({ forward_origin: { type: 'hidden_user', sender_user_name: 'S', date } });
  push({ via_bot: { id: 9, is_bot: true, first_name: 'B' } });
  push({ message_thread_id: 42, is_topic_message: true });
  await until('an answer', () => telegram.sent.length);
  const answers = telegram.calls.filter(({ method }) => method === 'sendMessage');
  expect(answers.map(({ body }) => body['message_thread_id'])).toEqual([42]);
});

test('Slack is connected again at once when it says that it disconnects', async () => {
  await using slack = await openFakeSlack();
  const tokens = 'appToken: xapp-fake, botToken: xoxb-fake';
  const yaml = `chat: { slack: { ${tokens}, allow: [U0ME], apiUrl: "${slack.apiUrl}" } }`;
  await using world = await openWorld({ yaml });
  await using _served = await world.serve();
  for (const connections of [1, 2, 3, 4]) {
    await until('a socket', () => slack.sockets.length === connections);
    slack.sockets.at(-1)?.send({ type: 'disconnect', reason: 'refresh_requested' });
  }
  await until('a fifth socket', () => slack.sockets.length === 5);
});

test('Telegram: notices follow a group that became a supergroup, and its new id is told', async () => {
  const { token } = await import('../chat/fake-telegram.ts');
  await using telegram = await openFakeTelegram();
  const yaml = telegramYaml(telegram.url, token).replace('allow:', 'channel: -5, allow:');
  await using world = await openWorld({ yaml });
  await using served = await world.serve();
  const body = { parameters: { migrate_to_chat_id: -1005 } };
  telegram.trouble.push({ method: 'sendMessage', status: 400, body });
  const { store, clock } = served.context;
  const entry = { id: 'n1', at: clock.now(), by: 'dripline', text: 'the queue runs dry' };
  await store.appendJournal([{ ...entry, type: 'notice' }]);
  await until('the notice', () => telegram.sent.find(({ text }) => text.includes('runs dry')));
  expect(telegram.sent.map(({ chat }) => chat)).toEqual([-1005, -1005]);
  expect(telegram.sent[0]?.text).toContain('set chat.telegram.channel to -1005');
});
