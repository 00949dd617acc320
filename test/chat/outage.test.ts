import { expect, test } from 'vitest';
import { systemClock } from '../../src/app/system-clock.ts';
import { type ChatSettings, openChats } from '../../src/chat/open-chats.ts';
import type { Settings } from '../../src/core/settings.ts';
import { openImages } from '../../src/media/images.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { until } from '../flow/world.ts';
import { application, openFakeDiscord } from './fake-discord.ts';
import { openFakeHttp, answerJson } from './fake-http.ts';
import { openFakeSlack } from './fake-slack.ts';
import { openFakeTelegram, token } from './fake-telegram.ts';

const secret = 'AAvery-secret-token';
const user = '222222222222222222';

async function openDesk(settings: ChatSettings) {
  const warnings: string[] = [];
  const store = openMemoryStore();
  const chats = await openChats(
    {
      store,
      clock: systemClock,
      worker: 'w',
      isAlone: true,
      images: openImages({ dataFolder: '/nowhere' }),
      log: { info: () => undefined, warn: (text) => void warnings.push(text) },
      timing: { pollFor: 1, retryAfter: 20 },
      context: {
        store,
        clock: systemClock,
        settings: { zone: 'UTC', accounts: [] as Settings['accounts'] } as Settings,
        version: 'test',
      },
    },
    settings,
  );
  return { chats, warnings, [Symbol.asyncDispose]: () => chats[Symbol.asyncDispose]() };
}

test('tokens that are not good are told once, with the setting to look at, and without the token', async () => {
  await using refusing = await openFakeHttp((request, response) =>
    request.url?.includes('slack') === true
      ? answerJson(response, { ok: false, error: 'invalid_auth' })
      : answerJson(
          response,
          {
            ok: false,
            error_code: 401,
            description: 'Unauthorized',
            message: '401: Unauthorized',
            code: 0,
          },
          401,
        ),
  );
  await using desk = await openDesk({
    telegram: { token: `1:${secret}`, allow: [7], apiRoot: refusing.url },
    slack: {
      appToken: `xapp-${secret}`,
      botToken: `xoxb-${secret}`,
      allow: ['U1'],
      apiUrl: `${refusing.url}/slack`,
    },
    discord: { token: secret, application, allow: [user], apiUrl: `${refusing.url}/api` },
  });
  await until('all three are told', () => desk.warnings.length >= 3);
  expect(desk.warnings.toSorted()).toEqual([
    'Discord: the token was refused: check chat.discord.token. Dripline will try again',
    'Slack: a token was refused: check chat.slack in the configuration. Dripline will try again',
    'Telegram: the token was refused: check chat.telegram.token. Dripline will try again',
  ]);
});

test('a chat that is away for a while is heard again when it is back, at the same address', async () => {
  const first = {
    telegram: await openFakeTelegram(),
    slack: await openFakeSlack(),
    discord: await openFakeDiscord(),
  };
  await using desk = await openDesk({
    telegram: { token, allow: [7], apiRoot: first.telegram.url },
    slack: {
      appToken: `xapp-${secret}`,
      botToken: `xoxb-${secret}`,
      allow: ['U1'],
      apiUrl: first.slack.apiUrl,
    },
    discord: { token: secret, application, allow: [user], apiUrl: first.discord.apiUrl },
  });
  await until(
    'all three listen',
    () =>
      first.telegram.calls.some(({ method }) => method === 'getUpdates') &&
      first.slack.sockets.length &&
      first.discord.ready.length,
  );
  for (const one of Object.values(first)) await one[Symbol.asyncDispose]();
  await until(
    'trouble is told',
    () =>
      desk.warnings.some((text) => text.startsWith('Telegram')) &&
      desk.warnings.some((text) => text.startsWith('Slack')),
  );
  await using telegram = await openFakeTelegram(first.telegram.port);
  await using slack = await openFakeSlack(first.slack.port);
  await using discord = await openFakeDiscord(first.discord.port);
  await until(
    'all three listen again',
    () =>
      telegram.calls.some(({ method }) => method === 'getUpdates') &&
      slack.sockets.length &&
      discord.ready.length,
  );
  telegram.say(7, '/mute 2h');
  slack.say('U1', 'mute 2h');
  discord.say(user, 'mute 2h');
  await until(
    'all three answer',
    () => telegram.sent.length && slack.messages.length && discord.messages.length,
  );
  expect([telegram.sent[0]?.text, slack.messages[0]?.text, discord.messages[0]?.content]).toEqual(
    Array(3).fill(expect.stringMatching(/^Notices are muted until/)),
  );
  expect(desk.warnings.join()).not.toContain(secret);
});
