import { Parser } from 'htmlparser2';
import { pickDefined } from '../../core/pick-defined.ts';
import type { GuardedGet } from '../../io/guarded-get.ts';

export interface Card {
  title: string;
  description: string;
  picture?: Buffer;
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
  const page = await guardedGet(url, { signal, accept: ['text/html', 'application/xhtml'] }).catch(
    () => undefined,
  );
  signal.throwIfAborted();
  if (!page || page.status !== 200) return { title: host, description: '' };
  const head = parseHead(page.body, page.headers['content-type']);
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

async function fetchPicture(
  url: string,
  get: GuardedGet,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const answer = await get(url, { signal, accept: ['image/'], maxBytes: 10 * 1024 * 1024 }).catch(
    () => undefined,
  );
  signal.throwIfAborted();
  return answer?.status === 200 ? answer.body : undefined;
}

export interface Head {
  title: string;
  description: string;
  image?: string;
}

/** Reads as far as the head goes. Open Graph first, then Twitter's names, then plain HTML. */
export function parseHead(body: Buffer, contentType = ''): Head {
  const found = new Map<string, string>();
  let title = '';
  let isInTitle = false;
  let isOver = false;
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (name === 'body') isOver = true;
        if (isOver) return;
        if (name === 'title' && title === '') isInTitle = true;
        const key = (attributes.property ?? attributes.name ?? '').toLowerCase();
        if (name === 'meta' && key && attributes.content && !found.has(key))
          found.set(key, attributes.content.trim());
      },
      ontext(text) {
        if (isInTitle) title += text;
      },
      onclosetag(name) {
        if (name === 'title') isInTitle = false;
        if (name === 'head') isOver = true;
      },
    },
    { decodeEntities: true },
  );
  const text = decode(body, contentType);
  for (let at = 0; at < text.length && !isOver; at += 4096) parser.write(text.slice(at, at + 4096));
  parser.end();
  const first = (...names: string[]) => names.map((name) => found.get(name)).find(Boolean);
  const image = first('og:image', 'og:image:url', 'twitter:image');
  return {
    title: one(first('og:title', 'twitter:title') ?? title),
    description: one(first('og:description', 'twitter:description', 'description') ?? ''),
    ...pickDefined({ image }),
  };
}

const one = (text: string) => text.replace(/\s+/g, ' ').trim();
const cut = (text: string, max: number) =>
  text.length > max ? `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : text;

function decode(body: Buffer, contentType: string): string {
  const named =
    /charset=["']?([\w-]+)/i.exec(contentType)?.[1] ??
    /<meta[^>]+charset=["']?([\w-]+)/i.exec(body.toString('latin1', 0, 2048))?.[1] ??
    'utf-8';
  try {
    return new TextDecoder(named).decode(body);
  } catch {
    return body.toString('utf8');
  }
}
