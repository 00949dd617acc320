import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openWebhook } from '../../src/chat/webhook.ts';
import type { EntryType, JournalEntry } from '../../src/core/journal.ts';
import { hour, minute } from '../../src/core/time.ts';
import { type NoticeOptions, startNotices } from '../../src/flow/notify/notify.ts';
import { toNotices } from '../../src/flow/notify/notify-pick.ts';
import { type Notice, type NoticeChannel, toRefusal } from '../../src/ports/notice-channel.ts';
import { StoreError } from '../../src/ports/store.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { commands } from '../../src/commands/all-commands.ts';
import type { Settings } from '../../src/core/settings.ts';
import { until } from './world.ts';
import { makeEntry } from '../store/kit.ts';

interface Heard {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A webhook that writes down what it gets; `status` may be changed. */
async function openHook() {
  const heard: Heard[] = [];
  const hook = { status: 200, asked: 0 };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      hook.asked++;
      if (hook.status === 200) heard.push({ headers: request.headers, body });
      response.writeHead(hook.status).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const texts = () => heard.map(({ body }) => (JSON.parse(body) as { text: string }).text);
  return {
    hook,
    heard,
    texts,
    url,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function openDesk() {
  const store = openMemoryStore();
  let moved = 0;
  const clock = { now: () => Date.parse('2026-11-24T12:00:00Z') + moved, monotonic: () => moved };
  const warnings: string[] = [];
  let count = 0;
  const add = async (type: EntryType, about: { [K in keyof JournalEntry]?: unknown } = {}) => {
    const id = `e${++count}`;
    await store.appendJournal([
      makeEntry(id, { at: clock.now(), type, text: `${type} ${id}`, ...about }),
    ]);
  };
  const context = {
    store,
    clock,
    settings: { zone: 'UTC' } as Settings,
    log: { info: () => undefined, warn: (text: string) => void warnings.push(text) },
    hold: {} as { because?: string },
    worker: 'w',
  };
  return { store, clock, context, add, warnings, move: (by: number) => (moved += by) };
}

const soon: NoticeOptions = { every: 5, groupFor: 100 };

/** Rounds go by; nothing may have come. */
async function rounds(store: ReturnType<typeof openMemoryStore>, count = 5) {
  const { listJournal } = store;
  let seen = 0;
  store.listJournal = (query) => {
    seen++;
    return listJournal.call(store, query);
  };
  await until('some rounds', () => seen >= count);
  store.listJournal = listJournal;
}

test('a notice is sent once, as JSON with a text that hooks show, and again after a restart only if it had not arrived', async () => {
  await using hook = await openHook();
  const { context, add, move } = openDesk();
  const webhook = openWebhook({ url: hook.url, format: 'json' });
  await add('failed', { text: 'long before there was a channel' });
  move(minute);
  {
    await using _notices = await startNotices(context, [webhook], soon);
    await add('failed', {
      delivery: 'a@x',
      post: 'a',
      account: 'x',
      text: 'a@x failed: X does not like it',
    });
    await add('released');
    move(200);
    await until('it is told', () => hook.heard.length === 1);
  }
  expect(JSON.parse(hook.heard[0]?.body ?? '')).toEqual({
    title: 'a@x failed',
    text: 'a@x failed: X does not like it',
    urgent: false,
    entries: [
      {
        at: '2026-11-24T12:01:00Z',
        type: 'failed',
        by: 'dripline',
        delivery: 'a@x',
        post: 'a',
        account: 'x',
        text: 'a@x failed: X does not like it',
      },
    ],
  });
  await add('reply', { text: 'meanwhile', url: 'https://x.com/1' });
  move(200);
  await using _again = await startNotices(context, [webhook], soon);
  await until('what came meanwhile is told', () => hook.heard.length === 2);
  expect(hook.texts()[1]).toContain('meanwhile (https://x.com/1)');
});

test('what comes together is told together, and more than ten at once are one summary', async () => {
  await using hook = await openHook();
  const { context, add, move, store } = openDesk();
  await using _notices = await startNotices(
    context,
    [openWebhook({ url: hook.url, format: 'json' })],
    soon,
  );
  await add('missed');
  move(60);
  await add('failed');
  move(60);
  await rounds(store);
  expect(hook.heard).toEqual([]);
  move(60);
  await until('both are told', () => hook.heard.length === 1);
  expect(hook.texts()).toEqual(['2 notices: 1 missed, 1 failed\nmissed e1\nfailed e2']);
  for (let i = 0; i < 30; i++) await add('failed');
  await add('uncertain', { text: 'z@x is uncertain' });
  move(200);
  await until('the summary', () => hook.heard.length === 2);
  expect(hook.texts()[1]).toMatch(
    /^31 notices: 30 failed, 1 uncertain\nz@x is uncertain\nfailed e3\n(.*\n){3}and 26 more: say `status`/,
  );
});

test('an uncertain release has a notice of its own', () => {
  const entry = (id: string, type: EntryType) =>
    makeEntry(id, {
      at: 0,
      type,
      by: 'dripline',
      delivery: `${id}@x`,
    });
  expect(
    toNotices([entry('a', 'failed'), entry('b', 'uncertain'), entry('c', 'missed')]).map(
      ({ title }) => title,
    ),
  ).toEqual(['b@x is uncertain', '2 notices: 1 failed, 1 missed']);
});

test('a channel that is down gets everything when it is back, is asked ever more rarely, and is told of once', async () => {
  await using hook = await openHook();
  const { context, add, move, store, warnings } = openDesk();
  hook.hook.status = 503;
  await using _notices = await startNotices(
    context,
    [openWebhook({ url: hook.url, format: 'json' })],
    soon,
  );
  await add('failed');
  move(200);
  await until('the first try', () => warnings.length === 1);
  expect(warnings[0]).toContain('the webhook answered 503');
  for (let i = 0; i < 60; i++) {
    move(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until('more tries', () => {
    move(1000);
    return hook.hook.asked >= 3;
  });
  hook.hook.status = 200;
  await until('it arrives', () => {
    move(10_000);
    return hook.heard.length === 1;
  });
  expect([hook.texts(), warnings.length]).toEqual([['failed e1'], 1]);
  await rounds(store);
  expect(hook.heard).toHaveLength(1);
});

test('in quiet hours and while muted only what cannot wait is told; the rest comes afterwards', async () => {
  await using hook = await openHook();
  const { context, add, move, store, clock } = openDesk();
  const options = { ...soon, quiet: [{ from: 12 * 60, to: 13 * 60 }] };
  await using _notices = await startNotices(
    context,
    [openWebhook({ url: hook.url, format: 'json' })],
    options,
  );
  await add('failed');
  await add('held', { text: 'x is held' });
  move(200);
  await until('the urgent one', () => hook.heard.length === 1);
  expect(hook.texts()).toEqual(['x is held']);
  move(hour);
  await until('the other one', () => hook.heard.length === 2);
  expect(hook.texts()[1]).toBe('failed e1');
  const say = (verb: string, ...args: string[]) =>
    commands
      .find(({ name }) => name === verb)
      ?.run(
        { store, clock, settings: context.settings, by: 'telegram:7', version: 'test' },
        { args, options: {} },
      );
  expect((await say('mute', '2h'))?.text).toContain(
    'Notices are muted until Tue 24 Nov 15:00 (UTC)',
  );
  await add('missed');
  move(200);
  await rounds(store);
  expect(hook.heard).toHaveLength(2);
  await say('unmute');
  await until('the missed one', () => hook.heard.length === 3);
  expect((await store.listJournal({ by: 'telegram:7' })).map(({ type }) => type)).toEqual([
    'muted',
    'unmuted',
  ]);
});

test('a clock that holds everything is told, and that it is well again', async () => {
  await using hook = await openHook();
  const { context, move } = openDesk();
  await using _notices = await startNotices(
    context,
    [openWebhook({ url: hook.url, format: 'json' })],
    soon,
  );
  context.hold.because = 'the clock was set back by 1h';
  await until('it is told', () => {
    move(50);
    return hook.texts().includes('the clock was set back by 1h');
  });
  delete context.hold.because;
  await until('it is well', () => {
    move(50);
    return hook.texts().some((text) => text.includes('publishing resumes'));
  });
});

test('ntfy gets plain text with a title that headers can carry, the link and a priority', async () => {
  await using hook = await openHook();
  const entry: JournalEntry = {
    id: 'r',
    at: 0,
    type: 'reply',
    by: 'dripline',
    delivery: 'a@x',
    url: 'https://x.com/1',
    text: 'Zoë answered a@x: hi',
    data: { from: 'Zoë', at: 0 },
  };
  const [notice] = toNotices([entry]);
  if (!notice) throw new Error('no notice');
  await openWebhook({ url: hook.url, format: 'text' }).send(notice, AbortSignal.timeout(5000));
  expect(hook.heard[0]?.body).toBe('Zoë answered a@x: hi (https://x.com/1)');
  expect(hook.heard[0]?.headers).toMatchObject({
    click: 'https://x.com/1',
    title: `=?UTF-8?B?${Buffer.from('Zoë replied to a@x').toString('base64')}?=`,
  });
});

test('of several processes one tells, and another goes on where it was when it is gone', async () => {
  await using hook = await openHook();
  const { context, add, move, store } = openDesk();
  const webhook = openWebhook({ url: hook.url, format: 'json' });
  await using _other = await startNotices({ ...context, worker: 'other' }, [webhook], soon);
  {
    await using _one = await startNotices(context, [webhook], soon);
    for (let i = 0; i < 4; i++) {
      await add('missed');
      move(400);
      await until('it is told', () => hook.heard.length === i + 1);
    }
    await rounds(store, 10);
    expect(hook.texts()).toEqual(['missed e1', 'missed e2', 'missed e3', 'missed e4']);
  }
  await add('missed');
  move(11 * minute);
  await until('the other tells it', () => hook.heard.length === 5);
});

test('troubles that come one after the other are gathered after a while', async () => {
  await using hook = await openHook();
  const { context, add, move } = openDesk();
  await using _notices = await startNotices(
    context,
    [openWebhook({ url: hook.url, format: 'json' })],
    soon,
  );
  for (let i = 0; i < 5; i++) {
    await add('failed');
    move(400);
    await until('it is told', () => hook.heard.length === i + 1);
  }
  for (let i = 0; i < 3; i++) {
    await add('failed');
    move(400);
  }
  await add('uncertain', { text: 'z@x is uncertain' });
  move(400);
  await until('what cannot wait', () => hook.heard.length === 6);
  expect(hook.texts()[5]).toBe('z@x is uncertain');
  move(3 * minute);
  await until('the rest together', () => hook.heard.length === 7);
  expect(hook.texts()[6]).toMatch(/^3 notices/);
});

/** A channel that refuses some texts in every form, or all of them, for good. */
function openPicky(isRefused: (notice: Notice) => boolean) {
  const told: string[] = [];
  const asked: Notice[] = [];
  const channel: NoticeChannel = {
    name: 'picky',
    send: async (notice) => {
      asked.push(notice);
      if (notice.isPlain === true || isRefused(notice)) throw toRefusal('invalid_blocks');
      told.push(...notice.entries.map(({ id }) => id));
    },
  };
  return { channel, told, asked };
}

test.each([1, 3, 12])(
  'of %i notices, one that a channel refuses in every form is given up, and all others arrive',
  async (count) => {
    const { channel, told } = openPicky(({ entries }) => entries.some(({ id }) => id === 'e1'));
    const { context, add, move, store, warnings } = openDesk();
    await using _notices = await startNotices(context, [channel], soon);
    const all = Array.from({ length: count }, (_, i) => `e${i + 1}`);
    for (const _id of all) await add('failed');
    const others = all.slice(1);
    await until('the others', () => {
      move(minute);
      const ids = told.filter((id) => others.includes(id));
      return warnings.some((text) => text.includes('not sent there')) && ids.length === count - 1;
    });
    expect([...told].filter((id) => id.startsWith('e')).toSorted()).toEqual(others.toSorted());
    expect(warnings.at(-1)).toContain('failed e1');
    const [entry, ...more] = await store.listJournal({ types: ['notice'] });
    expect([entry?.text, more]).toEqual([expect.stringContaining('picky has refused'), []]);
    await add('uncertain');
    await until('a later one', () => {
      move(minute);
      return told.includes(`e${count + 1}`);
    });
  },
);

test('a channel that refuses everything loses nothing: all of it arrives when it takes notices', async () => {
  let isShut = true;
  const { channel, told, asked } = openPicky(() => isShut);
  const { context, add, move, store } = openDesk();
  await using _notices = await startNotices(context, [channel], soon);
  await add('uncertain');
  await add('failed');
  await until('it is told elsewhere', async () => {
    move(minute);
    return (await store.listJournal({ types: ['notice'] })).length > 0;
  });
  await add('failed');
  const before = asked.length;
  await until('many more tries', () => {
    move(minute);
    return asked.length > before + 60;
  });
  expect(told).toEqual([]);
  isShut = false;
  await until('everything', () => {
    move(minute);
    return ['e1', 'e2', 'e3'].every((id) => told.includes(id));
  });
});

test.each(['full', 'read-only', 'unavailable'] as const)(
  'a store that is %s keeps no notice: it is told past it, once, and once when it is over',
  async (kind) => {
    const texts: string[] = [];
    let isDown = false;
    const channel: NoticeChannel = {
      name: 'picky',
      send: async ({ text }) => {
        if (isDown) throw new Error('no answer');
        texts.push(text);
      },
    };
    const { context, add, move, store } = openDesk();
    const { putFact, appendJournal } = store;
    const trouble = () => Promise.reject(new StoreError(kind, 'the disk is out of order'));
    await using _notices = await startNotices(context, [channel], soon);
    [store.putFact, store.appendJournal] = [trouble, trouble];
    isDown = true;
    for (let i = 0; i < 40; i++) {
      move(minute);
      await rounds(store, 1);
    }
    isDown = false;
    await until('it is told', () => {
      move(minute);
      return texts.length > 0;
    });
    expect(texts[0]).toContain('the disk is out of order');
    for (let i = 0; i < 10; i++) {
      move(minute);
      await rounds(store, 1);
    }
    expect(texts).toHaveLength(1);
    [store.putFact, store.appendJournal] = [putFact, appendJournal];
    await until('it is well', () => {
      move(minute);
      return texts.length > 1;
    });
    expect(texts[1]).toContain('takes writes again');
    await add('failed');
    await until('a notice of the journal', () => {
      move(minute);
      return texts.length > 2;
    });
    expect(texts).toHaveLength(3);
  },
);

test('a store that takes no writes for a moment is no notice', async () => {
  const { channel, told, asked } = openPicky(() => false);
  const { context, move, store } = openDesk();
  const { putFact } = store;
  await using _notices = await startNotices(context, [channel], soon);
  store.putFact = () => Promise.reject(new StoreError('unavailable', 'away'));
  for (let i = 0; i < 5; i++) {
    move(minute);
    await rounds(store, 2);
  }
  store.putFact = putFact;
  for (let i = 0; i < 5; i++) {
    move(minute);
    await rounds(store, 2);
  }
  expect([told, asked]).toEqual([[], []]);
});
