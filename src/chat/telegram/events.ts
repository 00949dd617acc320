import type { Update } from 'grammy/types';
import { day, minute, second, formatLocal } from '../../core/time.ts';
import { type Button, isOfSame } from '../buttons.ts';
import type { Answer, DeskParts, Desk, Speech } from '../desk.ts';
import { forGrammy, passOver, patiently, type Sending, sendLetter, toKeyboard } from './send.ts';

export interface Hearing {
  desk: Desk;
  context: Pick<DeskParts['context'], 'store' | 'clock' | 'settings'>;
  sending: Sending;
  allow: readonly number[];
  /** Of the bot: in groups others may be spoken to. */
  username: string;
}

/**
 * What was said so long ago, while nobody listened, may not be meant any more. A pause always is.
 */
const lateAfter = 10 * minute;
const askedFor = day;
const mostToast = 190;

/** Acts on one update, once. To those who are not allowed it answers nothing at all. */
export async function handleUpdate(hearing: Hearing, update: Update): Promise<void> {
  const from = update.message?.from ?? update.callback_query?.from;
  if (!from || from.is_bot || !hearing.allow.includes(from.id)) return;
  const speech = { by: `telegram:${from.id}`, command: `telegram:${update.update_id}` };
  if (update.callback_query) await hearPress(hearing, speech, update.callback_query);
  else if (update.message?.text !== undefined)
    await hearLine(hearing, speech, update.message as Said);
}

type Said = NonNullable<Update['message']> & { text: string };

async function hearLine(
  hearing: Hearing,
  speech: Speech,
  { text, chat, date }: Said,
): Promise<void> {
  const { desk, sending, username, context } = hearing;
  const asked = /^https?:\S+$/i.test(text.trim()) ? await findAsked(hearing, speech) : undefined;
  if (asked === undefined && chat.type !== 'private' && !text.startsWith('/')) return;
  const other = /^\/\w+@(\w+)/.exec(text)?.[1];
  if (other !== undefined && other.toLowerCase() !== username.toLowerCase()) return;
  const isLate =
    context.clock.now() - date * second > lateAfter && !/^\/?(drip\s+)?pause\b/i.test(text);
  const answer: Answer = isLate
    ? {
        text: `That was said ${formatLocal(date * second, context.settings.zone)}, when Dripline was not listening. Say it again if it still holds.`,
        buttons: [],
        pictures: [],
      }
    : asked === undefined
      ? await desk.answer(speech, text)
      : await desk.settle(speech, asked, text);
  await sendLetter(sending, chat.id, answer);
  if (asked !== undefined && answer.isRefusal !== true) await forgetAsked(hearing, speech);
}

const askedKey = (by: string) => `address:${by}`;

async function findAsked(
  { context: { store, clock } }: Hearing,
  { by }: Speech,
): Promise<string | undefined> {
  const fact = await store.findFact<{ delivery: string; at: number }>(askedKey(by));
  return fact && fact.value.at > clock.now() - askedFor ? fact.value.delivery : undefined;
}

async function forgetAsked({ context: { store } }: Hearing, { by }: Speech): Promise<void> {
  const fact = await store.findFact(askedKey(by));
  if (fact) await store.removeFact(fact.key, fact.revision);
}

async function keepAsked(
  { context: { store, clock } }: Hearing,
  { by }: Speech,
  delivery: string,
): Promise<void> {
  const fact = await store.findFact(askedKey(by));
  await store.putFact(askedKey(by), { delivery, at: clock.now() }, fact?.revision ?? 0);
}

async function hearPress(
  hearing: Hearing,
  speech: Speech,
  { id, data = '', message }: NonNullable<Update['callback_query']>,
): Promise<void> {
  const { desk, sending } = hearing;
  const { api, signal } = sending;
  const answer = await desk.press(speech, data);
  if (answer.asksFor) await keepAsked(hearing, speech, answer.asksFor.delivery);
  const toast =
    answer.isRefusal === true
      ? { text: [...answer.text].slice(0, mostToast).join(''), show_alert: answer.isDone !== true }
      : {};
  await patiently(sending, () => api.answerCallbackQuery(id, toast, forGrammy(signal))).catch(
    passOver,
  );
  if (!message) return;
  // Pressed once, it is gone; the answer to it is a message of its own, with its own Undo.
  const left =
    'reply_markup' in message ? buttonsLeft(message.reply_markup?.inline_keyboard ?? [], data) : [];
  if (answer.isRefusal !== true || answer.isDone === true)
    await patiently(sending, () =>
      api.editMessageReplyMarkup(
        message.chat.id,
        message.message_id,
        { reply_markup: toKeyboard(left) },
        forGrammy(signal),
      ),
    ).catch(passOver);
  if (answer.isRefusal !== true)
    await sendLetter(sending, message.chat.id, { ...answer, asks: answer.asksFor !== undefined });
}

const buttonsLeft = (
  keyboard: readonly { text: string; callback_data?: string }[][],
  pressed: string,
): Button[] =>
  keyboard
    .flat()
    .flatMap(({ text, callback_data }) =>
      callback_data === undefined || isOfSame(callback_data, pressed)
        ? []
        : [{ label: text, data: callback_data }],
    );
