import { request } from 'node:http';
import type { PostLink } from '../../src/core/clicks/click.ts';
import { type DoorParts, openPublicDoor, type PublicDoor } from '../../src/door/open-door.ts';
import type { Store } from '../../src/ports/store.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';

export const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface Asking {
  method?: string;
  headers?: Record<string, string>;
}

/** The path goes out as it is written, which `fetch` does not do. */
export function ask(port: number, path: string, { method = 'GET', headers = {} }: Asking = {}) {
  return new Promise<Answer>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response
        .setEncoding('utf8')
        .on('data', (chunk: string) => (body += chunk))
        .on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
    })
      .on('error', reject)
      .end();
  });
}

export const makeLink = (code: string, changes: Partial<PostLink> = {}): PostLink => ({
  code,
  target: `https://shop.example/${code}?utm_source=x`,
  delivery: 'a@bsky',
  post: 'a',
  account: 'bsky',
  network: 'bluesky',
  createdAt: 1000,
  ...changes,
});

export interface DoorWorld extends AsyncDisposable {
  door: PublicDoor;
  store: Store;
  warned: string[];
  get(path: string, asking?: Asking): Promise<Answer>;
  /** How often links of a delivery were opened, by kind. */
  sums(delivery?: string): Promise<Record<string, number>>;
}

/** `wrap` puts something between the door and its store. */
export async function openDoorWorld(
  changes: Partial<DoorParts> = {},
  wrap: (store: Store) => DoorParts['store'] = (store) => store,
): Promise<DoorWorld> {
  const store = openMemoryStore();
  const warned: string[] = [];
  const door = await openPublicDoor({
    url: 'https://go.example.com',
    host: '127.0.0.1',
    port: 0,
    trustedProxies: ['127.0.0.1'],
    store: wrap(store),
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    warn: (text) => warned.push(text),
    timing: { burstFor: 0, flushEvery: 60_000 },
    ...changes,
  });
  return {
    door,
    store,
    warned,
    get: (path, asking = {}) =>
      ask(door.port, path, { ...asking, headers: { 'user-agent': firefox, ...asking.headers } }),
    async sums(delivery = 'a@bsky') {
      await door.flush();
      const all = await store.sumClicks([delivery]);
      return Object.fromEntries(all.map(({ kind, count }) => [kind, count]));
    },
    async [Symbol.asyncDispose]() {
      await door[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}
