import {
  type ActionRowData,
  type BaseMessageOptions,
  ButtonStyle,
  ComponentType,
  DiscordAPIError,
  type InteractionButtonComponentData,
} from 'discord.js';
import { type Button, isOfSame } from '../buttons.ts';
import type { Answer } from '../desk.ts';
import { isFinalStatus } from '../../ports/notice-channel.ts';
import { isTable, toPieces } from '../pieces.ts';
import { splitText } from '../split-message.ts';

const marks = /[\\`*_~|[\]<>#/]/;
/** A message holds 2000 characters of escaped text, and code fences and a title take some. */
const limits = {
  length: 1780,
  most: 6,
  cost: (letter: string) => (marks.test(letter) ? 2 : letter.length),
};
const perRow = 5;
const mostRows = 5;

type Row = ActionRowData<InteractionButtonComponentData>;

const literally = (text: string): string =>
  toPieces(text)
    .map(({ kind, text: piece }) => {
      if (kind === 'verb') return `\`${piece}\``;
      return kind === 'address' ? `<${piece}>` : escapeMarks(piece);
    })
    .join('');

const escapeMarks = (text: string) => text.replaceAll(/[\\`*_~|[\]<>#]/g, String.raw`\$&`);

/** Tables keep their columns. */
function toContent(piece: string, title: string | undefined): string {
  const text = isTable(piece)
    ? `\`\`\`\n${piece.replaceAll('```', "'''")}\n\`\`\``
    : literally(piece);
  return title === undefined ? text : `**${escapeMarks(title.slice(0, 60))}**\n${text}`;
}

/** An answer of Discord that stays the same. */
export const isRefused = (error: unknown): boolean =>
  error instanceof DiscordAPIError && isFinalStatus(error.status);

export function toRows(buttons: readonly Button[]): Row[] {
  const count = Math.min(mostRows, Math.ceil(buttons.length / perRow));
  return Array.from({ length: count }, (_, row) => ({
    type: ComponentType.ActionRow,
    components: buttons
      .slice(row * perRow, (row + 1) * perRow)
      .map(({ label, data, isDanger }): InteractionButtonComponentData => ({
        type: ComponentType.Button,
        customId: data,
        label: label.slice(0, 80),
        style: isDanger === true ? ButtonStyle.Danger : ButtonStyle.Secondary,
      })),
  }));
}

type Said = Pick<Answer, 'text' | 'buttons'> &
  Partial<Pick<Answer, 'pictures'>> & { title?: string };

/** An answer as messages. The last one has the buttons and images. No text notifies anyone. */
export function toMessages({ text, title, buttons, pictures = [] }: Said): BaseMessageOptions[] {
  const messages = splitText(text, limits).map((piece, i): BaseMessageOptions => ({
    content: toContent(piece || '–', i === 0 ? title : undefined),
    allowedMentions: { parse: [] },
  }));
  const files = pictures.map(({ file, alt }) => ({
    attachment: file,
    description: [...alt].slice(0, 1000).join(''),
  }));
  const last = { ...messages.pop(), components: toRows(buttons), files };
  return [...messages, last];
}

/** The buttons of a message that remain after one was pressed. */
export function rowsLeft(
  buttons: readonly { customId: string | null; label: string | null; style: ButtonStyle }[],
  pressed: string,
): Row[] {
  const left = buttons.flatMap(({ customId, label, style }): Button[] => {
    if (customId === null || isOfSame(customId, pressed)) return [];
    return [{ label: label ?? '', data: customId, isDanger: style === ButtonStyle.Danger }];
  });
  return toRows(left);
}
