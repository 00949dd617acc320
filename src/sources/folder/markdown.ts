import { fromMarkdown } from 'mdast-util-from-markdown';

type Root = ReturnType<typeof fromMarkdown>;
type Node = Root | Root['children'][number];

/**
 * Splits the parts of a thread at lines of `---` outside code fences. This works on the source,
 * since Markdown takes such a line for the underline of a heading.
 */
export function splitParts(body: string): string[] {
  const parts: string[][] = [[]];
  let fence: string | undefined;
  for (const line of body.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark && (fence === undefined || mark.startsWith(fence)))
      fence = fence === undefined ? mark : undefined;
    if (fence === undefined && /^---\s*$/.test(line)) parts.push([]);
    else parts.at(-1)?.push(line);
  }
  const texts = parts.map((lines) => lines.join('\n').trim());
  // A `---` at the very end, or at the very beginning, splits nothing.
  while (texts.length > 1 && texts.at(-1) === '') texts.pop();
  while (texts.length > 1 && texts[0] === '') texts.shift();
  return texts;
}

export interface PlainText {
  text: string;
  /** Pictures in the text: they become media. */
  images: { src: string; alt: string }[];
}

/**
 * Markdown as it will be read on a network: emphasis removed, links as `text url`, lists with
 * bullets, no HTML.
 */
export function toPlainText(markdown: string): PlainText {
  const images: PlainText['images'] = [];
  const source = markdown.replaceAll(
    / ?!\[\[([^\]|]+?)(?:\|([^\]]*))?\]\]/g,
    (_, src: string, alt = '') => {
      images.push({ src: src.trim(), alt: String(alt).trim() });
      return '';
    },
  );
  const { text: shielded, restore } = shield(source);
  const text = blocks(fromMarkdown(shielded).children, images)
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
  return {
    text: restore(text),
    images: images.map(({ src, alt }) => ({ src: restore(src), alt: restore(alt) })),
  };
}

/**
 * Keeps Markdown from reading hashtags at a line's start, `{{variables}}` and names with
 * underscores as its own syntax: authors of posts do not mean it.
 */
function shield(source: string) {
  const kept: string[] = [];
  const keep = (text: string) => `\uE000${kept.push(text) - 1}\uE001`;
  const text = source
    .replaceAll(/\{\{[^{}\n]*\}\}/g, keep)
    .replaceAll(/(?<![(<[\w])https?:\/\/[^\s<>)\]]+/g, keep)
    .replaceAll(/(?<![\w/])[@#][\p{L}\p{N}_]+(?:[.@-][\p{L}\p{N}_.-]*[\p{L}\p{N}_])?/gu, keep);
  // An address may hold a variable that was kept before it.
  const restore = (plain: string, below = kept.length): string =>
    plain.replaceAll(/\uE000(\d+)\uE001/g, (_, i: string) =>
      Number(i) < below ? restore(kept[Number(i)] ?? '', Number(i)) : '',
    );
  return { text, restore: (plain: string) => restore(plain) };
}

type Images = PlainText['images'];

function blocks(nodes: Node[], images: Images, separator = '\n\n'): string {
  return nodes
    .map((node) => block(node, images))
    .filter((text) => text !== '')
    .join(separator);
}

function block(node: Node, images: Images): string {
  switch (node.type) {
    case 'paragraph':
    case 'heading':
      return node.children
        .map((child) => inline(child, images))
        .join('')
        .trim();
    case 'list':
      return node.children
        .map((item, i) => {
          const mark = node.ordered ? `${(node.start ?? 1) + i}. ` : '• ';
          return mark + blocks(item.children, images, '\n').replaceAll('\n', '\n  ');
        })
        .join(node.spread ? '\n\n' : '\n');
    case 'blockquote':
      return blocks(node.children, images);
    case 'code':
      return node.value;
    case 'html':
      return stripTags(node.value).trim();
    case 'thematicBreak':
    case 'definition':
      return '';
    default:
      return inline(node, images);
  }
}

function inline(node: Node, images: Images): string {
  switch (node.type) {
    case 'text':
    case 'inlineCode':
      return node.value;
    case 'break':
      return '\n';
    case 'html':
      return stripTags(node.value);
    case 'image':
      images.push({ src: node.url, alt: node.alt ?? '' });
      return '';
    case 'link': {
      const label = node.children.map((child) => inline(child, images)).join('');
      const bare = node.url.replace(/^mailto:/, '');
      return label === '' || label === node.url || label === bare ? bare : `${label} ${node.url}`;
    }
    default:
      return 'children' in node ? node.children.map((child) => inline(child, images)).join('') : '';
  }
}

const stripTags = (html: string) =>
  html
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll(/<br\s*\/?>/gi, '\n')
    // A declaration such as `<!here>` is no tag: the author sees it, and so do the readers.
    .replaceAll(/<(?![!?])[^>]*>/g, '');
