import { pickDefined } from '../../core/pick-defined.ts';
import { type Button, isOfSame } from '../buttons.ts';
import { isTable, type Piece, toPieces } from '../pieces.ts';
import { splitText } from '../split-message.ts';

const costs: Record<string, number> = { '&': 5, '<': 4, '>': 4 };
/** A block holds 3000 characters of escaped text. */
const limits = {
  length: 2900,
  most: 8,
  cost: (letter: string) => costs[letter] ?? letter.length,
};
const perRow = 5;
const mostPreview = 150;
const mostTitle = 150;

const escape = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Slack refuses what is no address to it. */
const longestUrl = 2000;
const mostLinks = 40;

/**
 * Rich text has no marks: stars, underscores, tildes and backticks in it are shown as they are
 * written, whoever wrote them. Tables keep their columns.
 */
function toRichText(piece: string) {
  const isPre = isTable(piece);
  const pieces: Piece[] = isPre ? [{ kind: 'text', text: piece }] : toPieces(piece);
  let links = 0;
  const elements = pieces.map(({ kind, text }) => {
    if (kind === 'verb') return { type: 'text' as const, text, style: { code: true } };
    const isLink = kind === 'address' && text.length <= longestUrl && URL.canParse(text);
    return isLink && ++links <= mostLinks
      ? { type: 'link' as const, url: text }
      : { type: 'text' as const, text };
  });
  const type = isPre ? ('rich_text_preformatted' as const) : ('rich_text_section' as const);
  const written = elements.length ? elements : [{ type: 'text' as const, text: ' ' }];
  return { type: 'rich_text' as const, elements: [{ type, elements: written }] };
}

const toHead = (title: string) => ({
  type: 'rich_text' as const,
  elements: [
    {
      type: 'rich_text_section' as const,
      elements: [{ type: 'text' as const, text: title.slice(0, mostTitle), style: { bold: true } }],
    },
  ],
});

function toActions(buttons: readonly Button[]) {
  return Array.from({ length: Math.ceil(buttons.length / perRow) }, (_, row) => ({
    type: 'actions' as const,
    elements: buttons.slice(row * perRow, (row + 1) * perRow).map(toElement),
  }));
}

const toElement = ({ label, data, isDanger }: Button) =>
  pickDefined({
    type: 'button' as const,
    action_id: data.slice(0, 250),
    value: data,
    text: { type: 'plain_text' as const, text: label.slice(0, 75) },
    style: isDanger ? ('danger' as const) : undefined,
  });

/** A message without blocks, for what was refused as a whole one. */
export const toPlain = (text: string) => ({ text: escape(text) });

/** A message, with the line for notifications. */
export function toMessage({ text, title, buttons }: Said) {
  const head = title === undefined ? [] : [toHead(title || ' ')];
  return {
    text: escape((title ?? text).slice(0, mostPreview)),
    blocks: [...head, ...splitText(text, limits).map(toRichText), ...toActions(buttons)],
  };
}

interface Said {
  text: string;
  title?: string;
  buttons: readonly Button[];
}

type SomeBlock = Record<string, unknown>;

/** The message with the buttons that remain after one was pressed. */
export function withoutPressed(blocks: readonly SomeBlock[], pressed: string): SomeBlock[] {
  return blocks.flatMap((block) => {
    if (block['type'] !== 'actions' || !Array.isArray(block['elements'])) return [block];
    const elements = (block['elements'] as SomeBlock[]).filter(
      ({ value }) => typeof value !== 'string' || !isOfSame(value, pressed),
    );
    return elements.length ? [{ ...block, elements }] : [];
  });
}

const urlBlock = 'address';
const urlInput = 'url';

/** Asks for the URL of an uncertain post. */
export const toUrlView = (delivery: string, answerTo: string) => ({
  type: 'modal' as const,
  private_metadata: JSON.stringify({ delivery, answerTo }),
  title: { type: 'plain_text' as const, text: 'URL of the post' },
  submit: { type: 'plain_text' as const, text: 'Send' },
  blocks: [
    {
      type: 'input' as const,
      block_id: urlBlock,
      label: { type: 'plain_text' as const, text: `URL of ${delivery}`.slice(0, 150) },
      element: { type: 'url_text_input' as const, action_id: urlInput },
    },
  ],
});

export const urlPath = [urlBlock, urlInput] as const;
