import { Parser } from 'htmlparser2';
import { pickDefined } from '../../core/pick-defined.ts';
import { type GetAnswer, GetError, type GuardedGet } from '../../io/guarded-get.ts';

/** A page says what it is about at its beginning. */
const mostOfPage = 256 * 1024;
/** A head is flat; what is deeper makes the parser slow, and is not one. */
const mostOpen = 50;

/** Pages that say "Redirecting…" and lead on by themselves. */
const mostHops = 3;

const leadsOn = ({ refresh }: Head, at: string) =>
  refresh !== undefined && URL.canParse(refresh, at) && new URL(refresh, at).href !== at;

export interface Card {
  title: string;
  description: string;
  picture?: Buffer;
  /** Why the page was not read, as what follows its address in a sentence. */
  fault?: string;
}

/**
 * What a page says about itself. A page that cannot be read still gives a card, with its host for a
 * title; never throws for the page's sake.
 */
export async function fetchCard(
  url: string,
  { guardedGet }: { guardedGet: GuardedGet },
  signal: AbortSignal,
): Promise<Card> {
  const host = URL.canParse(url) ? new URL(url).host : url;
  const accept = ['text/html', 'application/xhtml'];
  const reading = { signal, accept, maxBytes: mostOfPage, takesBeginning: true };
  const load = async (address: string) => {
    const answer = await guardedGet(address, reading).catch((error: unknown) => error);
    signal.throwIfAborted();
    return readable(answer);
  };
  const bare = (fault: string | undefined) => ({
    title: host,
    description: '',
    ...pickDefined({ fault }),
  });
  let page = await load(url);
  if (!('status' in page)) return bare(page.fault);
  let head = parseHead(page.body, page.headers['content-type']);
  for (let hops = 0; hops < mostHops && leadsOn(head, page.url); hops += 1) {
    const next = await load(new URL(head.refresh ?? '', page.url).href);
    if (!('status' in next)) return bare(next.fault);
    page = next;
    head = parseHead(page.body, page.headers['content-type']);
  }
  const picture =
    head.image && URL.canParse(head.image, page.url)
      ? await fetchPicture(new URL(head.image, page.url).href, guardedGet, signal)
      : undefined;
  return {
    title: cut(head.title || host, 300),
    description: cut(head.description, 1000),
    ...pickDefined({ picture }),
  };
}

/** What is no web page at all (a PDF) is shown by its host: that is no fault. */
function readable(answer: unknown): GetAnswer | { fault?: string } {
  if (answer instanceof GetError) return answer.kind === 'type' ? {} : { fault: faultOf(answer) };
  const { status, ...rest } = (answer ?? {}) as Partial<GetAnswer>;
  if (status === 200) return { ...rest, status } as GetAnswer;
  return { fault: status === undefined ? 'cannot be read' : `answers with HTTP status ${status}` };
}

const faultOf = ({ kind, message }: GetError) =>
  kind === 'timeout' ? 'does not answer in time' : `cannot be read (${message})`;

/** A sentence without a full stop. */
export const bareCard = (url: string, fault: string): string =>
  `the link card shows only the name of the site: ${url.slice(0, 300)} ${fault}`;

async function fetchPicture(
  url: string,
  get: GuardedGet,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const accept = ['image/', 'application/octet-stream', 'binary/octet-stream'];
  const answer = await get(url, { signal, accept, maxBytes: 10 * 1024 * 1024 }).catch(
    () => undefined,
  );
  signal.throwIfAborted();
  return answer?.status === 200 ? answer.body : undefined;
}

export interface Head {
  title: string;
  description: string;
  image?: string;
  /** Where a page that says nothing else leads within seconds. */
  refresh?: string;
}

/**
 * Reads as far as a page is flat: some have their tags behind the head. Open Graph first, then
 * the names of Twitter, then plain HTML.
 */
export function parseHead(body: Buffer, contentType = ''): Head {
  const found = new Map<string, string>();
  let title = '';
  let isInTitle = false;
  let isOver = false;
  let open = 0;
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        open += 1;
        if (open > mostOpen) isOver = true;
        if (isOver) return;
        if (name === 'title' && title === '') isInTitle = true;
        const isRefresh = attributes['http-equiv']?.toLowerCase() === 'refresh';
        const own = isRefresh ? 'refresh' : (attributes.property ?? attributes.name ?? '');
        const key = own.toLowerCase();
        if (name === 'meta' && key && attributes.content && !found.has(key))
          found.set(key, attributes.content.trim());
      },
      ontext(text) {
        if (isInTitle) title += text;
      },
      onclosetag(name) {
        open -= 1;
        if (name === 'title') isInTitle = false;
      },
    },
    { decodeEntities: true },
  );
  const text = decode(body.subarray(0, mostOfPage), contentType);
  for (let at = 0; at < text.length && !isOver; at += 512) parser.write(text.slice(at, at + 512));
  parser.end();
  const first = (...names: string[]) => names.map((name) => found.get(name)).find(Boolean);
  const image = first(...pictureNames);
  return {
    title: one(first('og:title', 'twitter:title') ?? title),
    description: one(first('og:description', 'twitter:description', 'description') ?? ''),
    ...pickDefined({ image, refresh: first('og:title') ? undefined : leadOf(found) }),
  };
}

const leadOf = (found: ReadonlyMap<string, string>): string | undefined =>
  /^\s{0,9}[0-5](?:\.\d{1,9})?\s{0,9}[;,]\s{0,9}(?:url\s{0,9}=\s{0,9})?["']?([^"']{1,4000})/i
    .exec(found.get('refresh') ?? '')?.[1]
    ?.trim();

const pictureNames = [
  'og:image:secure_url',
  'og:image',
  'og:image:url',
  'twitter:image',
  'twitter:image:src',
];

const one = (text: string) => decodeAgain(text.slice(0, 8000)).replace(/\s+/g, ' ').trim();

/** Some generators encode what is encoded already: `&amp;#8220;`. */
function decodeAgain(text: string): string {
  if (!/&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,31});/i.test(text)) return text;
  let decoded = '';
  const parser = new Parser({ ontext: (piece) => (decoded += piece) }, { decodeEntities: true });
  parser.end(text.replaceAll('<', '&lt;'));
  return decoded;
}
const cut = (text: string, max: number) =>
  text.length > max ? `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : text;

/** What a byte order mark says. */
function markOf(body: Buffer): string | undefined {
  if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le';
  return body[0] === 0xfe && body[1] === 0xff ? 'utf-16be' : undefined;
}

function decode(body: Buffer, contentType: string): string {
  const beginning = body.toString('latin1', 0, 16 * 1024);
  const named =
    markOf(body) ??
    /charset=["']?([\w-]{1,40})/i.exec(contentType)?.[1] ??
    /(?:charset|<\?xml[^>]{1,80}encoding)\s*=\s*["']?([\w-]{1,40})/i.exec(beginning)?.[1] ??
    'utf-8';
  try {
    return new TextDecoder(named).decode(body);
  } catch {
    return body.toString('utf8');
  }
}
