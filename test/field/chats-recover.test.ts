import { expect, test } from 'vitest';
import { systemClock } from '../../src/app/system-clock.ts';
import { openChats } from '../../src/chat/open-chats.ts';
import { postTo } from '../../src/chat/slack/answer.ts';
import type { Settings } from '../../src/core/settings.ts';
import { openImages } from '../../src/media/images.ts';
import { StoreError } from '../../src/ports/store.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { application, openFakeDiscord } from '../chat/fake-discord.ts';
import { answerJson, openFakeHttp, readBody } from '../chat/fake-http.ts';
import { openFakeSlack } from '../chat/fake-slack.ts';
import { openFakeTelegram, token } from '../chat/fake-telegram.ts';
import { until } from '../flow/world.ts';

const user = '222222222222222222';

/** The answers of one kind, one after the other, before a text is taken. */
const troubles: [status: number, retryAfter?: string][][] = [
  [[429]],
  [[429, '1']],
  [[429, 'soon']],
  [[429, String(Math.floor(Date.now() / 1000))]],
  [[429, String(Date.now())]],
  [[500], [502]],
  [
    [503, '0'],
    [429, '0'],
  ],
  [[408]],
];

test('an answer on Slack that meets a rate limit or trouble is posted again, and once', async () => {
  await Promise.all(
    troubles.map(async (trouble) => {
      const taken: string[] = [];
      const left = [...trouble];
      await using slack = await openFakeHttp(async (request, response) => {
        const body = await readBody(request);
        const [status, wait] = left.shift() ?? [];
        if (status === undefined) taken.push(body);
        const headers: Record<string, string> = wait === undefined ? {} : { 'retry-after': wait };
        answerJson(response, { ok: status === undefined }, status, headers);
      });
      const warnings: unknown[] = [];
      const { signal } = new AbortController();
      const posting = { clock: systemClock, signal, warn: (why: unknown) => warnings.push(why) };
      await postTo(posting, slack.url, { text: 'Paused.' });
      await until(`the answer after ${JSON.stringify(trouble)}`, () => taken.length);
      expect([taken, warnings]).toEqual([['{"text":"Paused."}'], []]);
    }),
  );
});

async function openDesk(apis: { telegram: string; slack: string; discord: string }, fails: number) {
  const warnings: string[] = [];
  const store = openMemoryStore();
  let left = fails;
  const { findFact } = store;
  store.findFact = async (key) => {
    if (key.startsWith('lease:') && left-- > 0) throw new StoreError('unavailable', 'away');
    return findFact.call(store, key) as never;
  };
  const chats = await openChats(
    {
      store,
      clock: systemClock,
      worker: 'w',
      isAlone: false,
      images: openImages({ dataFolder: '/nowhere' }),
      log: { info: () => undefined, warn: (text) => void warnings.push(text) },
      timing: { pollFor: 1, retryAfter: 5 },
      context: {
        store,
        clock: systemClock,
        settings: { zone: 'UTC', accounts: [] as Settings['accounts'] } as Settings,
        version: 'test',
      },
    },
    {
      telegram: { token, allow: [7], apiRoot: apis.telegram },
      slack: { appToken: 'xapp-a', botToken: 'xoxb-b', allow: ['U1'], apiUrl: apis.slack },
      discord: { token: 'a', application, allow: [user], apiUrl: apis.discord },
    },
  );
  return { warnings, [Symbol.asyncDispose]: () => chats[Symbol.asyncDispose]() };
}

test.each([0, 1, 6])(
  'chats listen in the end where the store fails %i times while they open',
  async (fails) => {
    await using telegram = await openFakeTelegram();
    await using slack = await openFakeSlack();
    await using discord = await openFakeDiscord();
    const apis = { telegram: telegram.url, slack: slack.apiUrl, discord: discord.apiUrl };
    await using _desk = await openDesk(apis, fails);
    await until(
      'all three listen',
      () =>
        telegram.calls.some(({ method }) => method === 'getUpdates') &&
        slack.sockets.length > 0 &&
        discord.ready.length > 0,
    );
  },
);

test.each(['getMe', 'getUpdates', 'setMyCommands'])(
  'Telegram listens in the end where the first call of %s fails',
  async (method) => {
    await using telegram = await openFakeTelegram();
    await using slack = await openFakeSlack();
    await using discord = await openFakeDiscord();
    telegram.trouble.push({ method, status: 500 });
    const apis = { telegram: telegram.url, slack: slack.apiUrl, discord: discord.apiUrl };
    await using _desk = await openDesk(apis, 0);
    await until('it listens', () => telegram.calls.some((one) => one.method === 'getUpdates'));
  },
);

test.each([
  ["Conflict: can't use getUpdates method while webhook is active", 'the bot has a webhook'],
  ['Conflict: terminated by other getUpdates request', 'another program uses this bot'],
])('Telegram: "%s" is told as what it is, and what to do', async (description, told) => {
  await using telegram = await openFakeTelegram();
  await using slack = await openFakeSlack();
  await using discord = await openFakeDiscord();
  for (let i = 0; i < 3; i++)
    telegram.trouble.push({ method: 'getUpdates', status: 409, body: { description } });
  const apis = { telegram: telegram.url, slack: slack.apiUrl, discord: discord.apiUrl };
  await using desk = await openDesk(apis, 0);
  await until('it listens', () => telegram.calls.some(({ method }) => method === 'getUpdates'));
  const warnings = desk.warnings.filter((text) => text.startsWith('Telegram'));
  expect(warnings).toEqual([expect.stringContaining(told)]);
  expect(warnings.join()).not.toContain(token);
});
