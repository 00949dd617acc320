import { setTimeout as delay } from 'node:timers/promises';
import { Api, GrammyError, HttpError } from 'grammy';
import type { Update } from 'grammy/types';
import { commands } from '../../commands/all-commands.ts';
import { readAskedWait } from '../../core/network/asked-wait.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { day, type Instant, minute, second } from '../../core/time.ts';
import { type Notice, type NoticeChannel, toRefusal } from '../../ports/notice-channel.ts';
import { StoreError } from '../../ports/store.ts';
import { type Desk, openDesk } from '../desk.ts';
import { leaveLease, takeLease } from '../lease.ts';
import type { ChatParts, Surface } from '../surface.ts';
import { handleUpdate, type Hearing, nameOf } from './events.ts';
import { forGrammy, isRefused, sendLetter, sendPlain } from './send.ts';

export interface TelegramSettings {
  token: string;
  /** User ids. No one else gets an answer. */
  allow: readonly number[];
  /** The chat for notices. */
  channel?: number | undefined;
  apiRoot?: string | undefined;
}

/** The latest handled update. */
interface OffsetFact {
  bot: number;
  update: number;
  at: Instant;
}

const offsetKey = 'telegram:offset';
/** After a week without an update, Telegram chooses a new update id at random. */
const offsetHoldsFor = 6 * day;
const othersTurnFor = 10 * second;
const longestBackOff = minute;
const triesForAnUpdate = 5;
const leftAfter = 3 * second;

/**
 * Listens and answers on Telegram by long polling, until it is closed. Errors of Telegram are
 * retried. Returns at once.
 */
export function openTelegram(parts: ChatParts, settings: TelegramSettings): Surface {
  const stopping = new AbortController();
  const { signal } = stopping;
  const api = new Api(
    settings.token,
    pickDefined({
      timeoutSeconds: 60,
      apiRoot: settings.apiRoot,
      ...throughProxy(parts, settings),
    }),
  );
  const { context, images } = parts;
  const { allow } = settings;
  const desk = openDesk({ context, images, manner: { prefix: '/' }, allow: allow.map(nameOf) });
  const filesAt = `${settings.apiRoot ?? telegram}/file/bot${settings.token}`;
  const hearing: Hearing = { desk, context, sending: { api, signal }, filesAt, username: '' };
  const listening = listen({ parts, hearing, signal, tries: 0 });
  const chats = settings.channel === undefined ? allow : [settings.channel];
  return {
    channels: chats.map((chat) => toChannel(parts, desk, { api, chat })),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.race([listening, delay(leftAfter, undefined, { ref: false })]);
      await leaveLease(parts, 'telegram').catch(() => undefined);
    },
  };
}

/** What the library passes on to its fetch, in place of its own agent. */
function throughProxy({ agentFor }: ChatParts, { apiRoot = telegram }: TelegramSettings) {
  const agent = agentFor?.(new URL(apiRoot));
  return agent ? { baseFetchConfig: { compress: true, agent } } : {};
}

const telegram = 'https://api.telegram.org';

/** A group that became a supergroup has another id, which Telegram says when it refuses the old. */
function toChannel(parts: ChatParts, desk: Desk, { api, chat }: { api: Api; chat: number }) {
  let to = chat;
  const send = async (notice: Notice, signal: AbortSignal): Promise<void> => {
    const { title, text, entries, isPlain } = notice;
    const sending = { api, signal };
    if (isPlain === true) return sendPlain(sending, to, { text });
    const buttons = await desk.buttonsOf(entries);
    const letter = pickDefined({ text, buttons, title: entries.length > 1 ? title : undefined });
    return sendLetter(sending, to, letter);
  };
  const channel: NoticeChannel = {
    name: `telegram:${chat}`,
    send: async (notice, signal) => {
      try {
        const moved = await send(notice, signal).catch(movedTo);
        if (moved === undefined) return;
        to = moved;
        const what = `set chat.telegram.channel to ${moved} in the configuration`;
        parts.log.warn(`Telegram: the group ${chat} became a supergroup: ${what}`);
        await sendPlain({ api, signal }, to, {
          text: `This group became a supergroup. Please ${what}.`,
        });
        await send(notice, signal);
      } catch (error) {
        throw isRefused(error)
          ? toRefusal(explain(error), error)
          : new Error(explain(error), { cause: error });
      }
    },
  };
  return channel;
}

function movedTo(error: unknown): number {
  const moved = error instanceof GrammyError ? error.parameters.migrate_to_chat_id : undefined;
  if (moved === undefined) throw error;
  return moved;
}

interface Listening {
  parts: ChatParts;
  hearing: Hearing;
  signal: AbortSignal;
  /** The id of the bot, once it is known. */
  me?: number;
  /** Failed attempts at the present update. */
  tries: number;
}

async function listen(listening: Listening): Promise<void> {
  const { parts, signal } = listening;
  const { log } = parts;
  let failures = 0;
  while (!signal.aborted) {
    try {
      if (await takeLease(parts, 'telegram')) await hearOnce(listening);
      else await delay(othersTurnFor, undefined, { signal });
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (failures === 0) log.warn(`Telegram: ${explain(error)}. Dripline will try again`);
      failures++;
      await delay(waitAfter(error, failures, parts), undefined, { signal }).catch(() => undefined);
    }
  }
}

/** One long poll, and its updates. */
async function hearOnce(listening: Listening): Promise<void> {
  const { parts, hearing, signal } = listening;
  const { store, clock, timing } = parts;
  const bot = (listening.me ??= await introduce(hearing, forGrammy(signal)));
  const fact = await store.findFact<OffsetFact>(offsetKey);
  const known = fact && isValid(fact.value, bot, clock.now()) ? fact.value.update : undefined;
  const updates = await hearing.sending.api.getUpdates(
    pickDefined({
      offset: known === undefined ? undefined : known + 1,
      timeout: timing.pollFor,
      limit: 20,
      allowed_updates: ['message', 'callback_query'] as const,
    }),
    forGrammy(signal),
  );
  let revision = fact?.revision ?? 0;
  for (const update of updates) {
    if (signal.aborted) return;
    if (known !== undefined && update.update_id <= known) continue;
    await act(listening, update);
    // Stored only now. After a crash before this, the update comes in again, and the journal shows
    // what was done.
    const next: OffsetFact = { bot, update: update.update_id, at: clock.now() };
    if (!(await store.putFact(offsetKey, next, revision))) return;
    revision++;
  }
}

const isValid = ({ bot, at }: OffsetFact, me: number, now: Instant) =>
  bot === me && at > now - offsetHoldsFor;

/** Reads the id of the bot, and sets the menu of its verbs. */
async function introduce(hearing: Hearing, signal: ReturnType<typeof forGrammy>): Promise<number> {
  const { api } = hearing.sending;
  const me = await api.getMe(signal);
  hearing.username = me.username;
  await api.setMyCommands(
    [...menu, { command: 'help', description: 'list all verbs, or show one of them in detail' }],
    {},
    signal,
  );
  return me.id;
}

/**
 * After an error of the store or the network the update is handled again. A bug must not repeat it
 * forever.
 */
async function act(listening: Listening, update: Update): Promise<void> {
  try {
    await handleUpdate(listening.hearing, update);
  } catch (error) {
    listening.tries++;
    if (error instanceof StoreError) throw error;
    if (mayPass(error) && listening.tries < triesForAnUpdate) throw error;
    listening.parts.log.warn(`Telegram: an update was not answered: ${explain(error)}`);
  }
  listening.tries = 0;
}

const mayPass = (error: unknown) =>
  error instanceof HttpError ||
  (error instanceof GrammyError && (error.error_code === 429 || error.error_code >= 500));

function waitAfter(error: unknown, failures: number, { clock, timing }: ChatParts): number {
  const asked = error instanceof GrammyError ? error.parameters.retry_after : undefined;
  const wait = readAskedWait(asked, clock.now());
  const { retryAfter } = timing;
  return Math.max(wait, Math.min(longestBackOff, retryAfter * 2 ** Math.min(failures - 1, 10)));
}

/** The libraries' messages leave out URLs, which contain the token. Their causes do not. */
function explain(error: unknown): string {
  if (error instanceof GrammyError && error.error_code === 401)
    return 'the token was refused: check chat.telegram.token';
  if (error instanceof GrammyError && isWebhook(error))
    return (
      'the bot has a webhook, so it gets no messages here. Remove it by opening ' +
      'https://api.telegram.org/bot<token>/deleteWebhook, or create a separate bot'
    );
  if (error instanceof GrammyError && error.error_code === 409)
    return 'another program uses this bot: stop that program, or create a separate bot';
  if (error instanceof GrammyError && error.error_code === 403)
    return `${error.description}: open the bot in Telegram, and press Start`;
  if (error instanceof GrammyError) return `${error.method}: ${error.description}`;
  if (error instanceof HttpError) return `cannot be reached (${error.message})`;
  return error instanceof Error ? error.message : String(error);
}

const isWebhook = ({ error_code, description }: GrammyError) =>
  error_code === 409 && /webhook/i.test(description);

const menu = commands.map(({ name, help }) => ({ command: name, description: help.slice(0, 250) }));
