import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openWebhook } from '../../src/chat/webhook.ts';

const logins: [written: string, sent: string | undefined][] = [
  ['user:word@', 'user:word'],
  ['user@', 'user:'],
  [':token@', ':token'],
  ['us%40er:w%3Ao%2Frd@', 'us@er:w:o/rd'],
  ['user:w%C3%B6rd@', 'user:wörd'],
  ['user:100%@', 'user:100%'],
  ['', undefined],
];

test.for(logins)('a webhook at http://%shost is asked with that login', async ([written, sent]) => {
  const asked: (string | undefined)[] = [];
  const server = createServer(({ url, headers }, response) => {
    asked.push(url, headers.authorization);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  for (const format of ['json', 'text'] as const) {
    const hook = openWebhook({ url: `http://${written}127.0.0.1:${port}/hook?a=b`, format });
    const notice = { title: 'T', text: 'T', entries: [], isUrgent: false };
    await hook.send(notice as never, AbortSignal.timeout(60_000));
  }
  server.close();
  const basic = sent === undefined ? sent : `Basic ${Buffer.from(sent).toString('base64')}`;
  expect(asked).toEqual(['/hook?a=b', basic, '/hook?a=b', basic]);
});
