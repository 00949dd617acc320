import { fromMarkdown } from 'mdast-util-from-markdown';

export type HtmlPiece = { kind: 'text' | 'comment' | 'tag'; text: string };

/** In one pass. What only looks like a tag, such as `<!here>`, is text. */
export function splitHtml(html: string): HtmlPiece[] {
  const pieces: HtmlPiece[] = [];
  let at = 0;
  let from = 0;
  const add = (kind: HtmlPiece['kind'], end: number) => {
    if (at > from) pieces.push({ kind: 'text', text: html.slice(from, at) });
    pieces.push({ kind, text: html.slice(at, end) });
    at = end;
    from = end;
  };
  while ((at = html.indexOf('<', at)) >= 0) {
    if (html.startsWith('<!--', at)) {
      const end = html.indexOf('-->', at + 4);
      if (end < 0) break;
      add('comment', end + 3);
      continue;
    }
    const end = /[a-z/]/i.test(html[at + 1] ?? '') ? html.indexOf('>', at) : -2;
    if (end === -1) break;
    if (end < 0) at += 1;
    else add('tag', end + 1);
  }
  if (from < html.length) pieces.push({ kind: 'text', text: html.slice(from) });
  return pieces;
}

const twoLines = new Set([
  'p',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'blockquote',
  'ul',
  'ol',
  'pre',
]);
const oneLine = new Set(['div', 'li', 'tr', 'figure', 'dd', 'dt', 'section']);

interface Tag {
  name: string;
  isEnd: boolean;
  href?: string | undefined;
  /** What it leaves in the text. */
  shown: string;
}

export function readTag(tag: string): Tag {
  const [, slash = '', written = ''] = /^<(\/?)([a-z][a-z0-9-]*)/i.exec(tag) ?? [];
  const name = written.toLowerCase();
  const isEnd = slash !== '';
  const [, double, single, bare] =
    /\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i.exec(tag.slice(0, 5000)) ?? [];
  const href = double ?? single ?? bare;
  return {
    name,
    isEnd,
    href: href === undefined ? undefined : decodeEntities(href.trim()),
    shown: shownOf(name, isEnd),
  };
}

function shownOf(name: string, isEnd: boolean): string {
  if (name === 'br') return '\n';
  if (name === 'li' && !isEnd) return '• ';
  if (!isEnd) return '';
  if (twoLines.has(name)) return '\n\n';
  return oneLine.has(name) ? '\n' : '';
}

const entity = /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});/gi;

export const decodeEntities = (text: string): string =>
  text.replaceAll(entity, (written) => {
    const [paragraph] = fromMarkdown(written).children;
    const [node] = paragraph && 'children' in paragraph ? paragraph.children : [];
    return node?.type === 'text' ? node.value : written;
  });
