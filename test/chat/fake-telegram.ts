import type { ServerResponse } from 'node:http';
import { answerJson, openFakeHttp, readBody } from './fake-http.ts';

export const token = '424242:AAfake-token-of-the-bot';

interface Key {
  text: string;
  callback_data: string;
}

export interface Call {
  method: string;
  body: Record<string, unknown>;
}

/** A message that the bot has sent. */
export interface Sent {
  id: number;
  chat: number;
  text: string;
  keys: Key[];
}

interface FakeUpdate {
  update_id: number;
  [key: string]: unknown;
}

/**
 * A Bot API server: it keeps updates until they are confirmed, as Telegram does, and writes down
 * every call.
 */
export async function openFakeTelegram(port = 0) {
  const calls: Call[] = [];
  const sent: Sent[] = [];
  let updates: FakeUpdate[] = [];
  let waiting: { response: ServerResponse; offset: number } | undefined;
  let lastUpdate = 1000;
  let lastMessage = 0;
  const trouble: { method?: string; status: number; body?: object }[] = [];

  const flush = () => {
    if (!waiting) return;
    const ready = updates.filter(({ update_id }) => update_id >= (waiting?.offset ?? 0));
    if (!ready.length) return;
    answerJson(waiting.response, { ok: true, result: ready });
    waiting = undefined;
  };
  const results: Record<string, (body: Record<string, unknown>) => unknown> = {
    getMe: () => ({ id: 424242, is_bot: true, first_name: 'Drip', username: 'drip_bot' }),
    sendMessage: (body) => {
      const message: Sent = {
        id: ++lastMessage,
        chat: Number(body['chat_id']),
        text: String(body['text']),
        keys: (
          (body['reply_markup'] as { inline_keyboard?: Key[][] } | undefined)?.inline_keyboard ?? []
        ).flat(),
      };
      sent.push(message);
      return {
        message_id: message.id,
        date: 0,
        chat: { id: message.chat, type: 'private' },
        text: message.text,
      };
    },
    getFile: (body) => ({ file_id: body['file_id'], file_path: String(body['file_id']) }),
    editMessageReplyMarkup: (body) => {
      const message = sent.find(({ id }) => id === body['message_id']);
      if (message)
        message.keys = (
          (body['reply_markup'] as { inline_keyboard?: Key[][] } | undefined)?.inline_keyboard ?? []
        ).flat();
      return true;
    },
  };
  const files = new Map<string, Buffer>();
  const http = await openFakeHttp(async (request, response) => {
    const [, bot, method = '', name = ''] = (request.url ?? '').split('/');
    if (bot === 'file' && method === `bot${token}`) {
      const bytes = files.get(name);
      return void response.writeHead(bytes ? 200 : 404).end(bytes);
    }
    const text = await readBody(request);
    const isJson = request.headers['content-type']?.includes('json') === true;
    const body =
      isJson && text ? (JSON.parse(text) as Record<string, unknown>) : { multipart: text };
    if (bot !== `bot${token}`)
      return answerJson(response, { ok: false, error_code: 401, description: 'Unauthorized' }, 401);
    const wrong = trouble.findIndex((one) => one.method === undefined || one.method === method);
    if (wrong >= 0) {
      const [one] = trouble.splice(wrong, 1);
      return answerJson(
        response,
        { ok: false, error_code: one?.status, description: 'trouble', ...one?.body },
        one?.status,
      );
    }
    calls.push({ method, body });
    if (method !== 'getUpdates')
      return answerJson(response, { ok: true, result: results[method]?.(body) ?? true });
    const offset = Number(body['offset'] ?? 0);
    updates = updates.filter(({ update_id }) => update_id >= offset);
    waiting = { response, offset };
    response.on('close', () => {
      if (waiting?.response === response) waiting = undefined;
    });
    flush();
  }, port);

  const push = (update: Omit<FakeUpdate, 'update_id'>, id = ++lastUpdate): FakeUpdate => {
    const whole = { ...update, update_id: id };
    updates.push(whole);
    flush();
    return whole;
  };
  const person = (id: number) => ({ id, is_bot: false, first_name: 'P' });
  const chatOf = (id: number, group: number | undefined) =>
    group === undefined ? { id, type: 'private' } : { id: group, type: 'supergroup', title: 'G' };
  return {
    url: http.url,
    port: http.port,
    calls,
    sent,
    trouble,
    /** Calls that are no looking for news. */
    outgoing: () =>
      calls.filter(
        ({ method }) => !['getUpdates', 'getMe', 'setMyCommands', 'getFile'].includes(method),
      ),
    say: (
      from: number,
      text: string,
      { date = Math.floor(Date.now() / 1000), group }: { date?: number; group?: number } = {},
    ) =>
      push({
        message: {
          message_id: ++lastMessage + 500,
          date,
          from: person(from),
          chat: chatOf(from, group),
          text,
        },
      }),
    /** Files that the bot may download, by their id. */
    files,
    /** A photo comes in two sizes; the larger has the id. */
    sendPhoto: (from: number, id: string, rest: { caption?: string; media_group_id?: string }) =>
      push({
        message: {
          message_id: ++lastMessage + 500,
          date: Math.floor(Date.now() / 1000),
          from: person(from),
          chat: chatOf(from, undefined),
          photo: [
            { file_id: `${id}-small`, file_unique_id: '1', width: 8, height: 8 },
            { file_id: id, file_unique_id: '2', width: 800, height: 800 },
          ],
          ...rest,
        },
      }),
    /** A video, or what Telegram makes of a GIF: that is in `document`, too. */
    sendVideo: (
      from: number,
      as: 'video' | 'animation',
      rest: { id: string; caption?: string },
    ) => {
      const { id, ...more } = rest;
      const sides = { width: 32, height: 24, duration: 1 };
      const file = {
        file_id: id,
        file_unique_id: id,
        mime_type: 'video/mp4',
        ...(as === 'animation' ? { file_name: 'round.gif' } : {}),
      };
      return push({
        message: {
          message_id: ++lastMessage + 500,
          date: Math.floor(Date.now() / 1000),
          from: person(from),
          chat: chatOf(from, undefined),
          [as]: { ...file, ...sides },
          ...(as === 'animation' ? { document: file } : {}),
          ...more,
        },
      });
    },
    press: (from: number, message: Sent, label: string) => {
      const key = message.keys.find(({ text }) => text.startsWith(label));
      if (!key)
        throw new Error(`no button ${label} among ${message.keys.map(({ text }) => text).join()}`);
      return push({
        callback_query: {
          id: String(++lastMessage),
          from: person(from),
          chat_instance: '1',
          data: key.callback_data,
          message: {
            message_id: message.id,
            date: 0,
            chat: chatOf(message.chat, undefined),
            text: message.text,
            reply_markup: { inline_keyboard: message.keys.map((one) => [one]) },
          },
        },
      });
    },
    /** The very same update comes in again, as after an answer that was lost. */
    repeat: (update: FakeUpdate) => push(update, update.update_id),
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

export type FakeTelegram = Awaited<ReturnType<typeof openFakeTelegram>>;
