import { fromMarkdown } from 'mdast-util-from-markdown';
import { literalBraces } from '../../core/post/fill-in.ts';
import { decodeEntities, readTag, splitHtml } from './markdown-html.ts';
import { cleanText, gap, type Shield, shield } from './markdown-shield.ts';

export type Root = ReturnType<typeof fromMarkdown>;
export type Node = Root | Root['children'][number];

const definition = /^ {0,3}\[(?!\^)[^\][\n]{1,200}\]:[^\n]*\S/;

/**
 * Splits the parts of a thread at lines of `---` outside code fences. This works on the source,
 * since Markdown takes such a line for the underline of a heading. Each part gets the targets of
 * reference links, wherever they are written.
 */
export function splitParts(body: string): string[] {
  const parts: string[][] = [[]];
  const targets: { line: string; part: number }[] = [];
  let fence: string | undefined;
  for (const line of body.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark && (fence === undefined || mark.startsWith(fence)))
      fence = fence === undefined ? mark : undefined;
    if (fence === undefined && definition.test(line))
      targets.push({ line, part: parts.length - 1 });
    if (fence === undefined && /^---\s*$/.test(line)) parts.push([]);
    else parts.at(-1)?.push(line);
  }
  const texts = parts.map((lines, i) => {
    const others = targets.filter(({ part }) => part !== i).map(({ line }) => line);
    const text = lines.join('\n').trim();
    return text !== '' && others.length > 0 ? `${text}\n\n${others.join('\n')}` : text;
  });
  // A `---` at the very end, or at the very beginning, splits nothing.
  while (texts.length > 1 && texts.at(-1) === '') texts.pop();
  const first = texts.findIndex((text) => text !== '');
  return first > 0 ? texts.slice(first) : texts;
}

export interface PlainText {
  text: string;
  /** Pictures in the text: they become media. */
  images: { src: string; alt: string }[];
}

/** What the reading of one text needs. */
interface Reading {
  shield: Shield;
  images: PlainText['images'];
  /** Where reference links lead, by their identifier. */
  targets: Map<string, string>;
  /** The links of `<a href>` that are open. */
  anchors: { href: string; at: number }[];
}

/**
 * Markdown as it will be read on a network: emphasis removed, links as `text url`, lists with
 * bullets, no HTML.
 */
export function toPlainText(markdown: string): PlainText {
  const images: PlainText['images'] = [];
  const source = markdown.replaceAll(
    / ?!\[\[([^\][|\n]+)(?:\|([^\][\n]*))?\]\]/g,
    (_, src: string, alt = '') => {
      images.push({ src: src.trim(), alt: String(alt).trim() });
      return '';
    },
  );
  const parsed = parseText(source);
  const text = serialize(parsed, images);
  const { restore } = parsed.shield;
  return {
    text,
    images: images.map(({ src, alt }) => ({ src: restore(src), alt: restore(alt) })),
  };
}

/** Markdown as a tree, in whose strings the shield stands for what Markdown must not read. */
export interface ParsedText {
  tree: Root;
  shield: Shield;
}

export function parseText(markdown: string): ParsedText {
  const shielded = shield(markdown);
  return { tree: fromMarkdown(shielded.text), shield: shielded };
}

/** The tree as plain text; its pictures go to the list, as they stand in the tree. */
export function serialize({ tree, shield }: ParsedText, images: PlainText['images'] = []): string {
  const targets = new Map<string, string>();
  const reading: Reading = { shield, images, targets, anchors: [] };
  collectTargets(tree.children, targets);
  const text = blocks(tree.children, reading)
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
  return shield.restore(text).trim();
}

function collectTargets(nodes: Node[], targets: Map<string, string>) {
  for (const node of nodes) {
    if (node.type === 'definition') {
      if (!targets.has(node.identifier)) targets.set(node.identifier, node.url);
    } else if ('children' in node) collectTargets(node.children, targets);
  }
}

function blocks(nodes: Node[], reading: Reading, separator = '\n\n'): string {
  return nodes
    .map((node) => block(node, reading))
    .filter((text) => text !== '')
    .join(separator);
}

function block(node: Node, reading: Reading): string {
  switch (node.type) {
    case 'paragraph':
    case 'heading':
      return cleanText(inlines(node.children, reading)).trim();
    case 'list':
      return node.children
        .map((item, i) => {
          const mark = node.ordered ? `${(node.start ?? 1) + i}${signOf(item, reading)} ` : '• ';
          return mark + blocks(item.children, reading, '\n').replaceAll('\n', '\n  ');
        })
        .join(node.spread ? '\n\n' : '\n');
    case 'blockquote':
      return blocks(node.children, reading);
    case 'code':
      return reading.shield.keepCode(node.value);
    case 'html':
      return cleanText(html(node.value, '', reading)).trim();
    case 'thematicBreak':
    case 'definition':
      return '';
    default:
      return inline(node, '', reading);
  }
}

/** `1.` or `1)`, as written. */
function signOf({ position }: Node, { shield: { text } }: Reading): string {
  const start = position?.start.offset ?? 0;
  return /^\d{1,9}([.)])/.exec(text.slice(start, start + 12))?.[1] ?? '.';
}

function inlines(nodes: Node[], reading: Reading): string {
  const around = reading.anchors;
  const own: Reading = { ...reading, anchors: [] };
  let done = '';
  for (const node of nodes) done = inline(node, done, own);
  reading.anchors = around;
  return done;
}

/** What was read so far, and the node. */
function inline(node: Node, before: string, reading: Reading): string {
  switch (node.type) {
    case 'text':
      return before + node.value;
    case 'inlineCode':
      return before + reading.shield.keepCode(node.value);
    case 'break':
      return `${before}\n`;
    case 'html':
      return html(node.value, before, reading);
    case 'image':
      reading.images.push({ src: node.url, alt: node.alt ?? '' });
      return before + gap;
    case 'imageReference':
      reading.images.push({
        src: reading.targets.get(node.identifier) ?? '',
        alt: node.alt ?? '',
      });
      return before + gap;
    case 'link':
      return before + linked(inlines(node.children, reading), node.url, reading);
    case 'linkReference': {
      const label = inlines(node.children, reading);
      return before + linked(label, reading.targets.get(node.identifier) ?? '', reading);
    }
    default:
      return 'children' in node ? before + inlines(node.children, reading) : before;
  }
}

function linked(label: string, url: string, { shield: { restore } }: Reading): string {
  const [shown, whole] = [restore(label), restore(url)];
  const bare = whole.replace(/^mailto:/, '');
  if (label === '' || shown === whole || shown === bare) return url.replace(/^mailto:/, '');
  return whole === '' ? label : `${label} ${url}`;
}

/** Text and tags: a link becomes `text url`, the end of a block a line. */
function html(source: string, before: string, reading: Reading): string {
  let done = before;
  for (const piece of splitHtml(source)) {
    if (piece.kind === 'text') done += decodeEntities(piece.text);
    else if (piece.kind === 'comment') done += gap;
    else {
      const { href, isEnd, name, shown } = readTag(piece.text);
      if (name !== 'a') done += shown;
      else if (!isEnd && href !== undefined) reading.anchors.push({ href, at: done.length });
      else if (isEnd) done = closeAnchor(done, reading);
    }
  }
  return done;
}

function closeAnchor(done: string, reading: Reading): string {
  const open = reading.anchors.pop();
  return open ? done.slice(0, open.at) + linked(done.slice(open.at), open.href, reading) : done;
}

/** Braces with a backslash before them are no variable. */
export const keepBraces = (text: string): string => text.replaceAll(String.raw`\{{`, literalBraces);
