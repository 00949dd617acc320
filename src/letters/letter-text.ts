import { literalBraces } from '../core/post/fill-in.ts';
import type { Block, Run } from '../core/people/letters/letter.ts';
import type { Node, ParsedText } from '../io/markdown/markdown.ts';
import { cleanText } from '../io/markdown/markdown-shield.ts';
import { toPrinted } from './letter-fonts.ts';

export interface TextOnPaper {
  blocks: (Exclude<Block, { kind: 'picture' }> | { kind: 'picture'; file: string; alt: string })[];
  /** The first web link: the one to scan. */
  link?: string;
}

interface Reading {
  shield: ParsedText['shield'];
  targets: Map<string, string>;
  found: TextOnPaper;
}

/** A step's text as blocks of runs. Where a link leads is written out, but for the one to scan. */
export function toBlocks({ tree, shield }: ParsedText, toScan?: string): TextOnPaper {
  const found: TextOnPaper = { blocks: [], ...(toScan === undefined ? {} : { link: toScan }) };
  const targets = new Map<string, string>();
  for (const node of tree.children)
    if (node.type === 'definition') targets.set(node.identifier, node.url);
  const reading = { shield, targets, found };
  for (const node of tree.children) addBlock(node, reading);
  return found;
}

const shown = (text: string, { shield }: Reading): string =>
  toPrinted(shield.restore(cleanText(text)).replaceAll(literalBraces, '{{'));

function addBlock(node: Node, reading: Reading): void {
  const { blocks } = reading.found;
  switch (node.type) {
    case 'heading':
      blocks.push({ kind: 'heading', runs: runsOf(node.children, reading) });
      return;
    case 'paragraph':
      addParagraph(node, reading, 'paragraph');
      return;
    case 'blockquote':
      for (const child of node.children)
        if (child.type === 'paragraph') addParagraph(child, reading, 'quote');
        else addBlock(child, reading);
      return;
    case 'list':
      addItems(node, reading, 0);
      return;
    case 'code':
      blocks.push({ kind: 'code', runs: [{ text: shown(node.value, reading) }] });
      return;
    case 'thematicBreak':
      blocks.push({ kind: 'rule' });
      return;
    default:
  }
}

type Paragraph = Extract<Node, { type: 'paragraph' }>;
type List = Extract<Node, { type: 'list' }>;

/** Pictures stand for themselves, wherever they are in it. */
function addParagraph(node: Paragraph, reading: Reading, kind: 'paragraph' | 'quote'): void {
  const { blocks } = reading.found;
  for (const child of node.children)
    if (child.type === 'image') {
      const alt = shown(child.alt ?? '', reading);
      blocks.push({ kind: 'picture', file: reading.shield.restore(child.url), alt });
    }
  const runs = runsOf(
    node.children.filter(({ type }) => type !== 'image'),
    reading,
  );
  if (runs.some(({ text }) => text.trim())) blocks.push({ kind, runs });
}

const deepest = 3;

function addItems(list: List, reading: Reading, depth: number): void {
  for (const [i, item] of list.children.entries()) {
    const mark = list.ordered ? `${(list.start ?? 1) + i}.` : '•';
    let isFirst = true;
    for (const child of item.children) {
      if (child.type === 'list') addItems(child, reading, Math.min(deepest, depth + 1));
      else if (child.type === 'paragraph') {
        const runs = runsOf(child.children, reading);
        reading.found.blocks.push({ kind: 'item', depth, mark: isFirst ? mark : '', runs });
      } else addBlock(child, reading);
      isFirst = false;
    }
  }
}

type Look = Omit<Run, 'text'>;

function runsOf(nodes: readonly unknown[], reading: Reading, look: Look = {}): Run[] {
  return joined((nodes as Node[]).flatMap((node) => inline(node, reading, look)));
}

function inline(node: Node, reading: Reading, look: Look): Run[] {
  switch (node.type) {
    case 'text':
    case 'inlineCode':
      return [{ text: shown(node.value, reading).replaceAll('\n', ' '), ...look }];
    case 'break':
      return [{ text: '\n', ...look }];
    case 'strong':
      return runsOf(node.children, reading, { ...look, bold: true });
    case 'emphasis':
      return runsOf(node.children, reading, { ...look, italic: true });
    case 'link':
      return linkRuns(node.children, { url: node.url, reading, look });
    case 'linkReference': {
      const url = reading.targets.get(node.identifier) ?? '';
      return linkRuns(node.children, { url, reading, look });
    }
    default:
      return 'children' in node ? runsOf(node.children, reading, look) : [];
  }
}

interface Linking {
  url: string;
  reading: Reading;
  look: Look;
}

function linkRuns(children: readonly unknown[], { url, reading, look }: Linking): Run[] {
  const target = reading.shield.restore(url);
  const runs = runsOf(children, reading, look);
  const words = runs.map(({ text }) => text).join('');
  const isWeb = /^https?:/i.test(target);
  if (isWeb) reading.found.link ??= target;
  const bare = target.replace(/^(mailto|tel):/i, '');
  if (words === target || words === bare || target === reading.found.link) return runs;
  return [...runs, { text: ` (${bare.replace(/^https?:\/\//i, '')})`, ...look }];
}

/** Neighbours of one look are one. */
function joined(runs: readonly Run[]): Run[] {
  const all: Run[] = [];
  for (const run of runs) {
    const last = all.at(-1);
    if (last && last.bold === run.bold && last.italic === run.italic) last.text += run.text;
    else all.push({ ...run });
  }
  return all;
}
