import { setTimeout as delay } from 'node:timers/promises';
import { Api, GrammyError, HttpError } from 'grammy';
import type { Update } from 'grammy/types';
import { commands } from '../../commands/all-commands.ts';
import { day, type Instant, minute, second } from '../../core/time.ts';
import type { NoticeChannel } from '../../ports/notice-channel.ts';
import { StoreError } from '../../ports/store.ts';
import { openDesk } from '../desk.ts';
import { leaveLease, takeLease } from '../lease.ts';
import type { ChatParts, Surface } from '../surface.ts';
import { handleUpdate, type Hearing } from './events.ts';
import { forGrammy, sendLetter } from './send.ts';

export interface TelegramSettings {
  token: string;
  /** User ids: nobody else is answered. */
  allow: readonly number[];
  /** The chat for notices. */
  channel?: number | undefined;
  apiRoot?: string | undefined;
}

/** What was heard last: older updates were acted upon. */
interface OffsetFact {
  bot: number;
  update: number;
  at: Instant;
}

const offsetKey = 'telegram:offset';
/** After a week without one Telegram numbers updates anew. */
const offsetHoldsFor = 6 * day;
const othersTurnFor = 10 * second;
const longestBackOff = minute;
const triesForAnUpdate = 5;
const leftAfter = 3 * second;

/**
 * Hears and answers on Telegram by long polling, until it is closed; troubles of Telegram's are
 * waited out. Returns at once.
 */
export function openTelegram(parts: ChatParts, settings: TelegramSettings): Surface {
  const stopping = new AbortController();
  const { signal } = stopping;
  const api = new Api(settings.token, {
    timeoutSeconds: 60,
    ...(settings.apiRoot === undefined ? {} : { apiRoot: settings.apiRoot }),
  });
  const desk = openDesk({ context: parts.context, images: parts.images, manner: { prefix: '/' } });
  const hearing: Hearing = {
    desk,
    context: parts.context,
    sending: { api, signal },
    allow: settings.allow,
    username: '',
  };
  const listening = listen(parts, hearing, signal);
  const chats = settings.channel === undefined ? settings.allow : [settings.channel];
  return {
    channels: chats.map((chat): NoticeChannel => ({
      name: `telegram:${chat}`,
      async send({ title, text, entries }, inTime) {
        const buttons = await desk.buttonsOf(entries);
        const isTold = entries.length === 1;
        await sendLetter({ api, signal: inTime }, chat, {
          text,
          buttons,
          ...(isTold ? {} : { title }),
        }).catch((error: unknown) => {
          throw new Error(explain(error), { cause: error });
        });
      },
    })),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.race([listening, delay(leftAfter, undefined, { ref: false })]);
      await leaveLease(parts, 'telegram').catch(() => undefined);
    },
  };
}

async function listen(parts: ChatParts, hearing: Hearing, signal: AbortSignal): Promise<void> {
  const { log, timing } = parts;
  const ears = { me: undefined as number | undefined, tries: 0 };
  let failures = 0;
  while (!signal.aborted) {
    try {
      if (await takeLease(parts, 'telegram')) await hearOnce(parts, hearing, ears, signal);
      else await delay(othersTurnFor, undefined, { signal });
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (failures === 0) log.warn(`Telegram: ${explain(error)}. It is tried again`);
      failures++;
      await delay(waitAfter(error, failures, timing.retryAfter), undefined, { signal }).catch(
        () => undefined,
      );
    }
  }
}

/** One long poll, and what it brought. */
async function hearOnce(
  parts: ChatParts,
  hearing: Hearing,
  ears: { me: number | undefined; tries: number },
  signal: AbortSignal,
): Promise<void> {
  const { store, clock } = parts;
  const { api } = hearing.sending;
  const within = forGrammy(signal);
  ears.me ??= await introduce(hearing, within);
  const fact = await store.findFact<OffsetFact>(offsetKey);
  const known =
    fact && fact.value.bot === ears.me && fact.value.at > clock.now() - offsetHoldsFor
      ? fact.value.update
      : undefined;
  const offset = known === undefined ? {} : { offset: known + 1 };
  const updates = await api.getUpdates(
    {
      ...offset,
      timeout: parts.timing.pollFor,
      limit: 20,
      allowed_updates: ['message', 'callback_query'],
    },
    within,
  );
  let revision = fact?.revision ?? 0;
  for (const update of updates) {
    if (signal.aborted) return;
    if (known !== undefined && update.update_id <= known) continue;
    await act(parts, hearing, ears, update);
    // Only now it is known as heard; whatever dies before that is found in the journal when it
    // comes in again.
    if (
      !(await store.putFact(
        offsetKey,
        { bot: ears.me, update: update.update_id, at: clock.now() } satisfies OffsetFact,
        revision,
      ))
    )
      return;
    revision++;
  }
}

/** Who the bot is, and the menu of its verbs. */
async function introduce(hearing: Hearing, signal: ReturnType<typeof forGrammy>): Promise<number> {
  const { api } = hearing.sending;
  const me = await api.getMe(signal);
  hearing.username = me.username;
  await api.setMyCommands(
    [...menu, { command: 'help', description: 'all verbs, or one of them in detail' }],
    {},
    signal,
  );
  return me.id;
}

/**
 * Trouble with the store or the network: the update is heard again. A fault of our own must not
 * make us hear it for ever.
 */
async function act(
  { log }: ChatParts,
  hearing: Hearing,
  ears: { tries: number },
  update: Update,
): Promise<void> {
  try {
    await handleUpdate(hearing, update);
  } catch (error) {
    ears.tries++;
    const mayPass =
      error instanceof StoreError ||
      error instanceof HttpError ||
      (error instanceof GrammyError && (error.error_code === 429 || error.error_code >= 500));
    if (mayPass && (error instanceof StoreError || ears.tries < triesForAnUpdate)) throw error;
    log.warn(`Telegram: an update was not answered: ${explain(error)}`);
  }
  ears.tries = 0;
}

function waitAfter(error: unknown, failures: number, retryAfter: number): number {
  const wait = error instanceof GrammyError ? (error.parameters.retry_after ?? 0) * second : 0;
  return Math.max(wait, Math.min(longestBackOff, retryAfter * 2 ** Math.min(failures - 1, 10)));
}

/**
 * The libraries' messages leave out addresses, in which the token stands; causes do not, and are
 * not told.
 */
function explain(error: unknown): string {
  if (error instanceof GrammyError && error.error_code === 401)
    return 'the token is not good: look at chat.telegram.token';
  if (error instanceof GrammyError && error.error_code === 409)
    return 'another program asks for the updates of this bot: stop it, or give it a bot of its own';
  if (error instanceof GrammyError && error.error_code === 403)
    return `${error.description}: open the bot in Telegram and press Start`;
  if (error instanceof GrammyError) return `${error.method}: ${error.description}`;
  if (error instanceof HttpError) return `cannot be reached (${error.message})`;
  return error instanceof Error ? error.message : String(error);
}

const menu = commands.map(({ name, help }) => ({ command: name, description: help.slice(0, 250) }));
