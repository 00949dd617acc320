// A bad date or an unclosed tag in one of these makes rss-parser fail for the whole feed: they are
// read here instead.
export const ownNames = [
  'description',
  'summary',
  'content',
  'content:encoded',
  'published',
  'updated',
  'link',
];
const ownTag = new RegExp(`<(/?)(${ownNames.join('|')})(?=[\\s>/])`, 'g');

/**
 * Turns the mistakes of real feeds into XML that a parser takes. Every step is linear in the
 * length.
 */
export function repair(text: string): string {
  const source = closeRoot(wrapMarkup(text.replace(/^<\?xml[^>]*\?>/, '')));
  const prefixes = usualPrefixes(source);
  // CDATA is left as it is.
  return source
    .split('<![CDATA[')
    .map((piece, i) => {
      const end = i === 0 ? 0 : piece.indexOf(']]>');
      return end < 0 ? piece : piece.slice(0, end) + repairMarkup(prefixes(piece.slice(end)));
    })
    .join('<![CDATA[');
}

const repairMarkup = (text: string) =>
  text
    .replaceAll(/&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-f]{1,6});)/gi, '&amp;')
    .replaceAll(ownTag, '<$1raw.$2');

const markupStart = /<(title|summary|content)\b[^>]{0,200}\btype\s*=\s*["']xhtml["'][^>]{0,200}>/g;

/** XHTML inside Atom becomes text, since its order of words would be lost in parsing. */
function wrapMarkup(text: string): string {
  let wrapped = '';
  let from = 0;
  for (const match of text.matchAll(markupStart)) {
    if (match.index < from) continue;
    const start = match.index + match[0].length;
    const end = text.indexOf(`</${match[1]}>`, start);
    if (end < 0) break;
    const inner = text.slice(start, end).replaceAll(']]>', ']]&gt;').replaceAll('<![CDATA[', '');
    wrapped += `${text.slice(from, start)}<![CDATA[${inner}]]>`;
    from = end;
  }
  return wrapped + text.slice(from);
}

const spaces: Record<string, string> = {
  'http://purl.org/dc/elements/1.1/': 'dc:',
  'http://purl.org/rss/1.0/modules/content/': 'content:',
  'http://search.yahoo.com/mrss/': 'media:',
  'http://www.w3.org/1999/02/22-rdf-syntax-ns#': 'rdf:',
  'http://purl.org/rss/1.0/': '',
  'http://my.netscape.com/rdf/simple/0.9/': '',
  'http://backend.userland.com/rss2': '',
};

/** Elements are known by their usual names, whichever prefix a feed gives them. */
function usualPrefixes(source: string): (markup: string) => string {
  const head = source.slice(0, 5000);
  const root = /<([\w.-]{1,40}):(?:feed|rss)[\s>]/.exec(head)?.[1];
  const usual = new Map(root === undefined ? [] : [[root, '']]);
  for (const [, prefix = '', space = ''] of head.matchAll(
    /xmlns:([\w.-]{1,40})\s{0,9}=\s{0,9}["']([^"'<>]{1,200})["']/g,
  )) {
    const known = Object.hasOwn(spaces, space) ? spaces[space] : undefined;
    if (known !== undefined && known !== `${prefix}:`) usual.set(prefix, known);
  }
  if (usual.size === 0) return (markup) => markup;
  const names = [...usual.keys()].map((name) => name.replaceAll('.', String.raw`\.`)).join('|');
  const tag = new RegExp(`<(/?)(${names}):`, 'g');
  return (markup) =>
    markup.replaceAll(tag, (_, slash: string, name: string) => `<${slash}${usual.get(name)}`);
}

const root = /<((?:[\w.-]{1,40}:)?(?:rss|feed|RDF))[\s>]/;

/** A feed that was cut off in transit ends after its last whole item. */
function closeRoot(source: string): string {
  const name = root.exec(source.slice(0, 5000))?.[1];
  if (name === undefined || source.includes(`</${name}>`)) return source;
  const prefix = name.includes(':') && !name.endsWith(':RDF') ? name.replace(/:.*/, ':') : '';
  const item = `</${prefix}${name.endsWith('feed') ? 'entry' : 'item'}>`;
  const end = source.lastIndexOf(item);
  if (end < 0) return source;
  const channel = name.endsWith('rss') ? `</${prefix}channel>` : '';
  return `${source.slice(0, end + item.length)}${channel}</${name}>`;
}
