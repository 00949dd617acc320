import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Web extends AsyncDisposable {
  url: string;
  asked: { path: string; headers: IncomingHttpHeaders }[];
}

/** A server on loopback that answers as it is told. */
export async function serveWeb(listener: RequestListener): Promise<Web> {
  const asked: Web['asked'] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', headers: request.headers });
    response.on('error', () => {});
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface RssItem {
  title?: string;
  link?: string;
  guid?: string;
  date?: string;
  more?: string;
}

export const rss = (
  items: RssItem[],
  channel = '',
): string => `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"
  xmlns:media="http://search.yahoo.com/mrss/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Feed</title>${channel}
${items.map(itemOf).join('\n')}
</channel></rss>`;

const itemOf = ({ title, link, guid, date, more = '' }: RssItem): string =>
  `<item>${[
    tag('title', title),
    tag('link', link),
    tag('guid', guid),
    tag('pubDate', date),
    more,
  ].join('')}</item>`;

const tag = (name: string, value: string | undefined) =>
  value === undefined ? '' : `<${name}>${value}</${name}>`;
