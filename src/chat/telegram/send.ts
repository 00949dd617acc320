import { setTimeout as delay } from 'node:timers/promises';
import { type Api, GrammyError, InputFile } from 'grammy';
import { second } from '../../core/time.ts';
import type { Button } from '../buttons.ts';
import type { Picture } from '../pictures.ts';
import { splitText } from '../split-message.ts';

/**
 * Telegram takes 4096 after it has read the marks; some are kept free for what escaping and marks
 * add.
 */
const limits = { length: 3900, most: 5 };
const mostCaption = 1000;
const longestWait = 30 * second;

/** The library's types know only the signals of a package of its own; at run time any will do. */
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
  /** Opens the keyboard for an answer to this message. */
  asks?: boolean;
}

const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Tables keep their columns, verbs in backticks are easy to copy. */
function toHtml(piece: string): string {
  const isTable =
    piece.split('\n').filter((line) => /\S {2,}\S/.test(line) || /^ {2,}/.test(line)).length > 1;
  return isTable
    ? `<pre>${escapeHtml(piece)}</pre>`
    : escapeHtml(piece).replaceAll(/`([^`\n]+)`/g, '<code>$1</code>');
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

/** Waits where Telegram says so, as long as that is short. */
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

/** A letter may be several messages; its buttons stand below the last. */
export async function sendLetter(
  sending: Sending,
  chat: number,
  { text, title, buttons = [], pictures = [], asks = false }: Letter,
): Promise<void> {
  const { api, signal } = sending;
  const pieces = splitText(text, limits);
  for (const [i, piece] of pieces.entries()) {
    const head =
      i === 0 && title !== undefined && title !== '' ? `<b>${escapeHtml(title)}</b>\n` : '';
    const isLast = i === pieces.length - 1;
    const markup = !isLast
      ? undefined
      : buttons.length
        ? toKeyboard(buttons)
        : asks
          ? { force_reply: true as const, input_field_placeholder: 'https://…' }
          : undefined;
    const other = {
      parse_mode: 'HTML' as const,
      link_preview_options: { is_disabled: true },
      ...(markup ? { reply_markup: markup } : {}),
    };
    await patiently(sending, () =>
      api.sendMessage(chat, `${head}${toHtml(piece)}`, other, forGrammy(signal)),
    );
  }
  for (const { file, alt } of pictures) {
    await patiently(sending, () =>
      api.sendPhoto(
        chat,
        new InputFile(file),
        { caption: [...alt].slice(0, mostCaption).join('') },
        forGrammy(signal),
      ),
    ).catch(passOver);
  }
}

/** What Telegram refuses for good is no reason to say everything again. */
export function passOver(error: unknown): void {
  if (!(error instanceof GrammyError) || error.error_code === 429 || error.error_code >= 500)
    throw error;
}
