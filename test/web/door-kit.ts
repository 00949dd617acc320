import { request } from 'node:http';
import type { Served } from '../../src/app.ts';
import type { CommandContext } from '../../src/commands/command.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { openWeb, type Web, type WebOptions } from '../../src/web/web-server.ts';
import { openWorld, type World } from '../flow/world.ts';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Browser {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(
    path: string,
    fields: Record<string, string> | [string, string][],
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** As a page's form would send it. */
  token(path?: string): Promise<string>;
  /** Says a verb as a button does, and answers with the page that it leads to. */
  say(verb: string, args: string[], fields?: Record<string, string>): Promise<Answer>;
  logIn(password: string): Promise<Answer>;
  cookies: Map<string, string>;
}

/** Keeps cookies, follows nothing, and lets every header be chosen, which `fetch` does not. */
export function openBrowser(base: string, cookies = new Map<string, string>()): Browser {
  const ask = (method: string, path: string, headers: Record<string, string>, body = '') =>
    new Promise<Answer>((resolve, reject) => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      request(
        new URL(path, base),
        { method, agent: false, headers: { ...(cookie ? { cookie } : {}), ...headers } },
        (response) => {
          let text = '';
          for (const line of response.headers['set-cookie'] ?? []) keep(cookies, line);
          response
            .setEncoding('utf8')
            .on('data', (chunk: string) => {
              text += chunk;
            })
            .on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                headers: Object.fromEntries(
                  Object.entries(response.headers).map(([name, value]) => [
                    name,
                    [value ?? []].flat().join('\n'),
                  ]),
                ),
                body: text,
              }),
            );
        },
      )
        .on('error', reject)
        .end(body);
    });
  const browser: Browser = {
    cookies,
    get: (path, headers = {}) => ask('GET', path, headers),
    post: (path, fields, headers = {}) =>
      ask(
        'POST',
        path,
        { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        new URLSearchParams(fields).toString(),
      ),
    token: async (path = '/') =>
      /name="csrf" value="([^"]+)"/.exec((await browser.get(path)).body)?.[1] ?? 'none',
    async say(verb, args, fields = {}) {
      const csrf = await browser.token();
      const done = await browser.post(`/do/${verb}`, [
        ...args.map((arg): [string, string] => ['arg', arg]),
        ...Object.entries({ csrf, back: '/', ...fields }),
      ]);
      return done.status === 303 ? browser.get(done.headers['location'] ?? '') : done;
    },
    logIn: async (password) =>
      browser.post('/login', { password, csrf: await browser.token('/login'), back: '/' }),
  };
  return browser;
}

function keep(cookies: Map<string, string>, line: string) {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  if (/max-age=0/i.test(line)) cookies.delete(name);
  else cookies.set(name, value);
}

/**
 * What waits in front of the login are measured with stands still: however long a machine takes
 * over its passwords, no wait ends meanwhile.
 */
export const withoutWaits = (clock: Clock): Clock => ({
  now: () => clock.now(),
  monotonic: () => 0,
});

export interface Opened extends AsyncDisposable {
  world: World;
  served: Served;
  context: CommandContext;
  /** The dashboard, opened anew as the configuration would have it. */
  open(options?: Partial<WebOptions>, clock?: Clock): Promise<Web & { browser: Browser }>;
}

/** A service whose first release is an hour away, and dashboards beside it. */
export async function openDoorWorld(files: Record<string, string | Buffer> = {}): Promise<Opened> {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(await openWorld({ yaml: 'cadence: { perDay: 1, minGap: 1h }', files }));
  const served = stack.use(await world.serve());
  const context: CommandContext = {
    store: served.context.store,
    clock: served.context.clock,
    settings: world.config,
    by: 'web',
    version: 'test',
  };
  const all = stack.move();
  return {
    world,
    served,
    context,
    async open(options = {}, clock = context.clock) {
      const web = await openWeb(
        { ...context, clock },
        { host: '127.0.0.1', port: 0, dataFolder: world.config.folders.data, ...options },
      );
      const { port } = new URL(web.url);
      return {
        ...web,
        browser: openBrowser(`http://127.0.0.1:${port}`),
        [Symbol.asyncDispose]: () => web[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
