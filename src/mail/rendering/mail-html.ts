import { toHtml } from 'hast-util-to-html';
import { toHast } from 'mdast-util-to-hast';
import type { Node, ParsedText } from '../../io/markdown/markdown.ts';
import { cleanText } from '../../io/markdown/markdown-shield.ts';
import { widest } from './mail-frame.ts';

type Nodes = ReturnType<typeof toHast>;
type Element = Extract<Nodes, { type: 'element' }>;
type ElementContent = Element['children'][number];

const style: Record<string, string> = {
  p: 'margin:0 0 16px',
  h1: 'margin:0 0 16px;font-size:24px;line-height:1.25',
  h2: 'margin:24px 0 12px;font-size:20px;line-height:1.3',
  h3: 'margin:24px 0 8px;font-size:17px;line-height:1.4',
  h4: 'margin:24px 0 8px;font-size:17px;line-height:1.4',
  h5: 'margin:24px 0 8px;font-size:17px;line-height:1.4',
  h6: 'margin:24px 0 8px;font-size:17px;line-height:1.4',
  ul: 'margin:0 0 16px;padding:0 24px',
  ol: 'margin:0 0 16px;padding:0 24px',
  li: 'margin:0 0 6px',
  blockquote: 'margin:0 0 16px;padding:0 16px;border-left:3px solid #c9d1d9',
  pre: 'margin:0 0 16px;padding:12px;white-space:pre-wrap;font:14px/1.5 monospace',
  code: 'font-family:monospace',
  hr: 'margin:24px 0;border:0;border-top:1px solid #c9d1d9',
  a: 'color:#0b5cad;text-decoration:underline',
};
const buttonStyle =
  'display:inline-block;padding:12px 24px;border-radius:6px;background-color:#0b5cad;' +
  'color:#ffffff;font-weight:600;text-decoration:none';

/** A step's text as the inner HTML of a mail: each element carries its look. */
export function toInnerHtml({ tree, shield }: ParsedText): string {
  const shown = restoreAll(tree, shield.restore);
  const hast = toHast(shown as Parameters<typeof toHast>[0]);
  return toHtml(dress(hast) as Nodes, { closeSelfClosing: false });
}

/** The strings of the tree as they are read. */
function restoreAll(node: unknown, restore: (text: string) => string): unknown {
  const one = node as Record<string, unknown> & Pick<Node, 'type'>;
  const changed: Record<string, unknown> = { ...one };
  for (const key of ['value', 'url', 'alt', 'lang']) {
    const text = one[key];
    if (typeof text !== 'string') continue;
    changed[key] = restore(one.type === 'text' ? cleanText(text) : text);
  }
  // The title of an image is its width, of a link nothing that is seen.
  if (one.type !== 'image') delete changed['title'];
  if (Array.isArray(one['children']))
    changed['children'] = one['children'].map((child) => restoreAll(child, restore));
  return changed;
}

function dress(node: Nodes): Nodes {
  if (!('children' in node)) return node;
  const children = node.children.map((child) => dress(child as Nodes)) as ElementContent[];
  if (node.type !== 'element') return { ...node, children } as Nodes;
  const element = { ...node, children };
  if (element.tagName === 'img') return dressImage(element);
  const button = buttonIn(element);
  if (button) return { ...element, properties: { style: style.p }, children: [button] };
  const look = style[element.tagName];
  const properties = { ...element.properties, ...(look !== undefined && { style: look }) };
  if (element.tagName === 'a') properties.className = ['link'];
  return { ...element, properties };
}

/** A paragraph that is one link with words of its own. */
function buttonIn({ tagName, children }: Element): Element | undefined {
  const [only, ...others] = children;
  if (tagName !== 'p' || others.length > 0 || only?.type !== 'element') return undefined;
  const { href } = only.properties;
  if (only.tagName !== 'a' || typeof href !== 'string') return undefined;
  const [label] = only.children;
  if (label?.type === 'element' && label.tagName === 'img') return undefined;
  if (label?.type === 'text' && (label.value === href || /^https?:/i.test(label.value)))
    return undefined;
  return { ...only, properties: { href, className: ['button'], style: buttonStyle } };
}

/** `![alt](https://… "320")` is 320 wide; without a number as wide as the column. */
function dressImage(element: Element): Element {
  const { src, alt, title } = element.properties;
  const asked = Number(/^(\d{1,4})(px)?$/.exec(typeof title === 'string' ? title : '')?.[1]);
  const width = asked > 0 ? Math.min(asked, widest) : widest;
  const look = 'display:block;max-width:100%;height:auto;border:0';
  return { ...element, properties: { src, alt, width, style: look } };
}
