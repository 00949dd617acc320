import { setTimeout as delay } from 'node:timers/promises';
import { type Api, GrammyError, InputFile } from 'grammy';
import { pickDefined } from '../../core/pick-defined.ts';
import { second } from '../../core/time.ts';
import { isFinalStatus } from '../../ports/notice-channel.ts';
import type { Button } from '../buttons.ts';
import type { Picture } from '../pictures.ts';
import { isTable, toPieces } from '../pieces.ts';
import { splitText } from '../split-message.ts';

const costs: Record<string, number> = { '&': 5, '<': 4, '>': 4 };
/** A message holds 4096 characters, and marks and a title take some. */
const limits = {
  length: 3800,
  most: 5,
  cost: (letter: string) => costs[letter] ?? letter.length,
};
const mostTitle = 40;
const mostCaption = 1000;
const longestWait = 30 * second;

/** The library's types expect a polyfill's signal. At run time any signal works. */
export const forGrammy = (signal: AbortSignal) =>
  signal as unknown as NonNullable<Parameters<Api['getMe']>[0]>;

export interface Sending {
  api: Api;
  signal: AbortSignal;
}

export interface Letter {
  text: string;
  title?: string;
  buttons?: readonly Button[];
  pictures?: readonly Picture[];
  /** Opens the keyboard for a reply to this message. */
  asks?: boolean;
  /** The topic of a forum. */
  topic?: number;
}

const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Tables keep their columns, and verbs in backticks are easy to copy. */
export function toHtml(piece: string): string {
  return isTable(piece)
    ? `<pre>${escapeHtml(piece)}</pre>`
    : toPieces(piece)
        .map(({ kind, text }) =>
          kind === 'verb' ? `<code>${escapeHtml(text)}</code>` : escapeHtml(text),
        )
        .join('');
}

const perRow = 3;

export function toKeyboard(buttons: readonly Button[]) {
  const keys = buttons.map(({ label, data }) => ({
    text: label.slice(0, 60),
    callback_data: data,
  }));
  const isWide = keys.some(({ text }) => text.length > 16);
  const size = isWide ? 1 : perRow;
  return {
    inline_keyboard: Array.from({ length: Math.ceil(keys.length / size) }, (_, i) =>
      keys.slice(i * size, i * size + size),
    ),
  };
}

/** Waits for a rate limit of Telegram, if it is short. */
export async function patiently<T>(
  sending: Sending,
  call: () => Promise<T>,
  tries = 3,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const wait =
      error instanceof GrammyError && error.error_code === 429
        ? (error.parameters.retry_after ?? 1) * second
        : Infinity;
    if (wait > longestWait || tries <= 1) throw error;
    await delay(wait, undefined, { signal: sending.signal });
    return patiently(sending, call, tries - 1);
  }
}

/** Words that Telegram takes whatever they are: no marks, and no buttons. */
export async function sendPlain(
  { api, signal }: Sending,
  chat: number,
  { text, topic }: Pick<Letter, 'text' | 'topic'>,
): Promise<void> {
  const options = pickDefined({ message_thread_id: topic });
  await patiently({ api, signal }, () => api.sendMessage(chat, text, options, forGrammy(signal)));
}

const refusedText =
  'The answer could not be shown in Telegram. The command line and the dashboard show all of it.';

/** What Telegram refuses for good is said in words that it takes. */
export async function answerLetter(sending: Sending, chat: number, letter: Letter): Promise<void> {
  try {
    await sendLetter(sending, chat, letter);
  } catch (error) {
    if (!isRefused(error)) throw error;
    await sendPlain(sending, chat, pickDefined({ text: refusedText, topic: letter.topic }));
  }
}

/** A letter may be several messages. The last one has the buttons. */
export async function sendLetter(sending: Sending, chat: number, letter: Letter): Promise<void> {
  const { api, signal } = sending;
  const { text, title = '', pictures = [] } = letter;
  const pieces = splitText(text, limits);
  for (const [i, piece] of pieces.entries()) {
    const head = i === 0 && title !== '' ? `<b>${escapeHtml(title.slice(0, mostTitle))}</b>\n` : '';
    const options = pickDefined({
      parse_mode: 'HTML' as const,
      link_preview_options: { is_disabled: true },
      reply_markup: i === pieces.length - 1 ? markupOf(letter) : undefined,
      message_thread_id: letter.topic,
    });
    await patiently(sending, () =>
      api.sendMessage(chat, `${head}${toHtml(piece)}`, options, forGrammy(signal)),
    );
  }
  for (const { file, alt } of pictures) {
    const caption = [...alt].slice(0, mostCaption).join('').slice(0, mostCaption);
    const options = pickDefined({ caption, message_thread_id: letter.topic });
    await patiently(sending, () =>
      api.sendPhoto(chat, new InputFile(file), options, forGrammy(signal)),
    ).catch(passOver);
  }
}

function markupOf({ buttons = [], asks = false }: Letter) {
  if (buttons.length) return toKeyboard(buttons);
  return asks ? { force_reply: true as const, input_field_placeholder: 'https://…' } : undefined;
}

/** An answer of Telegram that stays the same. */
export const isRefused = (error: unknown): boolean =>
  error instanceof GrammyError && isFinalStatus(error.error_code);

/** Ignores a permanent refusal of Telegram: sending everything again would not help. */
export function passOver(error: unknown): void {
  if (!(error instanceof GrammyError) || error.error_code === 429 || error.error_code >= 500)
    throw error;
}
