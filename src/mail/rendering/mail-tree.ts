import { type Node, type ParsedText, parseText, type Root } from '../../io/markdown/markdown.ts';
import { marker } from '../../io/markdown/markdown-shield.ts';
import {
  bareOf,
  type Complain,
  cut,
  fillLink,
  fillText,
  ownAddress,
  type Values,
} from './variables.ts';

/** What a link goes out as; `bare`: the same without anything of the person. */
export type CountLink = (url: string, bare: string) => string;

export interface Filling {
  values: Values;
  complain: Complain;
  countLink: CountLink;
  /** Its images are files, and need no address: it is printed. */
  isPaper?: true;
}

/** What `link:` of the step leads to is counted as every link of its text. */
export function withStepLink(
  written: string | undefined,
  { values, complain, countLink }: Filling,
): Values {
  const { urls } = values;
  if (urls.link !== undefined || written === undefined) return values;
  const filled = fillLink(written, values, complain);
  return { ...values, urls: { ...urls, link: countLink(filled, bareOf(written, values)) } };
}

/**
 * The tree of a step with its values in it. They are put in after Markdown has read the text, and
 * behind its shield, so that nothing in them is ever read as Markdown.
 */
export function fillTree(markdown: string, filling: Filling): ParsedText {
  const { tree, shield } = parseText(markdown);
  const walk = { ...filling, shield };
  return { tree: { ...tree, children: changeAll(tree.children, walk) } as Root, shield };
}

interface Walk extends Filling {
  shield: ParsedText['shield'];
}

const changeAll = (nodes: Node[], walk: Walk): Node[] =>
  nodes.flatMap((node) => change(node, walk));

function change(node: Node, walk: Walk): Node[] {
  switch (node.type) {
    case 'text':
      return textNodes(node.value, walk);
    case 'html':
      return htmlNodes(node.value, walk);
    case 'code':
    case 'inlineCode':
      return [{ ...node, value: fillKept(node.value, walk) }];
    case 'link':
      return [
        { ...node, url: linkOf(node.url, walk), children: changeAll(node.children, walk) } as Node,
      ];
    case 'definition':
      return [{ ...node, url: linkOf(node.url, walk) }];
    case 'image':
      return [imageOf(node, walk)];
    default:
      return 'children' in node
        ? [{ ...node, children: changeAll(node.children as Node[], walk) } as Node]
        : [node];
  }
}

/** What the shield keeps, with values in place of its variables. */
const fillKept = (text: string, { shield, values, complain }: Walk): string =>
  text.replaceAll(marker, (kept) => shield.keep(fillText(shield.restore(kept), values, complain)));

const bare = /^https?:\/\//i;

/** A bare address of the author becomes a link; one in a value stays what it is. */
function textNodes(text: string, walk: Walk): Node[] {
  const { shield } = walk;
  const nodes: Node[] = [];
  let from = 0;
  const addText = (piece: string) => {
    if (piece !== '') nodes.push({ type: 'text', value: fillKept(piece, walk) });
  };
  for (const { 0: kept, index } of text.matchAll(marker)) {
    const written = shield.restore(kept);
    if (!bare.test(written) && ownAddress(written) === undefined) continue;
    addText(text.slice(from, index));
    const url = linkOf(kept, walk);
    nodes.push({ type: 'link', url, children: [{ type: 'text', value: url }] } as Node);
    from = index + kept.length;
  }
  addText(text.slice(from));
  return nodes;
}

/** A line break is one; comments are nothing; the rest would be lost in silence. */
function htmlNodes(html: string, { complain, shield }: Walk): Node[] {
  if (/^\s*<br\s*\/?>\s*$/i.test(html)) return [{ type: 'break' }];
  const rest = html.replaceAll(/<!--[^]*?-->/g, '').trim();
  if (rest !== '')
    complain(
      `HTML is not used in a step: ${cut(shield.restore(rest).split('\n')[0] ?? '')}`,
      'write it as Markdown',
    );
  return [];
}

const isAllowed = /^(https?|mailto|tel):/i;

function linkOf(url: string, walk: Walk): string {
  const { shield, values, complain } = walk;
  const written = shield.restore(url);
  const own = ownAddress(written);
  if (own !== undefined) return shield.keep(fillText(written, values, complain));
  const filled = fillLink(written, values, complain);
  const parsed = URL.parse(filled);
  if (parsed && isAllowed.test(filled) && (parsed.host !== '' || !/^http/i.test(filled)))
    return keepLink(filled, written, walk);
  if (filled === '' && written !== '') return shield.keep('');
  const what = isAllowed.test(filled) || parsed === null ? 'is not absolute' : 'is not a web link';
  complain(`the link ${cut(written) || '()'} ${what}`, 'begin it with https://, mailto: or tel:');
  return shield.keep('');
}

/** The plain text shows a mail address without its scheme, and looks for that. */
function keepLink(url: string, written: string, { shield, values, countLink }: Walk): string {
  if (/^http/i.test(url)) return shield.keep(countLink(url, bareOf(written, values)));
  return url.startsWith('mailto:') ? `mailto:${shield.keep(url.slice(7))}` : shield.keep(url);
}

type Image = Extract<Node, { type: 'image' }>;

function imageOf(node: Image, walk: Walk): Node {
  const { shield, values, complain } = walk;
  const written = shield.restore(node.url);
  const url = walk.isPaper ? written : fillLink(written, values, complain);
  if (!walk.isPaper && URL.parse(url)?.protocol !== 'https:')
    complain(
      `the image ${cut(written)} has no https:// address`,
      'put it on your site: mail programs fetch it from there',
    );
  const alt = fillKept(node.alt ?? '', walk);
  if (shield.restore(alt).trim() === '')
    complain(`the image ${cut(written)} has no text`, 'describe it: ![what it shows](address)');
  return { ...node, url: shield.keep(url), alt };
}
