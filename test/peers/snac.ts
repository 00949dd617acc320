import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from './free-port.ts';

export const howToGetSnac =
  'snac2 is not installed: run .ci/install-peers (Debian bookworm-backports has it)';

export interface Snac extends AsyncDisposable {
  url: string;
  /** Of the account `alice`. */
  token: string;
  /** Of the same account. */
  password: string;
  /** Another account there; its token. */
  createAccount(name: string): Promise<string>;
  /**
   * Puts a post onto the account's timeline, as if it followed its author: only what stands there
   * can be liked or reposted.
   */
  show(name: string, postUrl: string): Promise<void>;
}

const run = promisify(execFile);

/**
 * A real server that speaks Mastodon's API, minds no idempotency key and has one version of most
 * endpoints. Undefined where it is not installed.
 */
export async function openSnac(): Promise<Snac | undefined> {
  const isThere = await run('snac', []).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
  if (!isThere) return undefined;
  const folder = join(await mkdtemp(join(tmpdir(), 'dripline-snac-')), 'data');
  const port = await findFreePort();
  await feed(
    'snac',
    ['init', folder],
    `127.0.0.1\n${port}\n127.0.0.1:${port}\n\nadmin@example.com\n`,
  );
  const settings = join(folder, 'server.json');
  // With the few threads of a small machine it leaves clients waiting while it looks for other
  // servers.
  await writeFile(
    settings,
    JSON.stringify({
      ...(JSON.parse(await readFile(settings, 'utf8')) as object),
      protocol: 'http',
      num_threads: 16,
    }),
  );
  const addUser = async (login: string) => {
    const { stdout, stderr } = await run('snac', ['adduser', folder, login]);
    return { login, passwd: /password is (\S+)/i.exec(stdout + stderr)?.[1] ?? '' };
  };
  const alice = await addUser('alice');
  const server = spawn('snac', ['httpd', folder], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  const token = await getToken(url, alice, server);
  return {
    url,
    token,
    password: alice.passwd,
    show: async (name, postUrl) => void (await run('snac', ['insert', folder, name, postUrl])),
    createAccount: async (name) => getToken(url, await addUser(name), server),
    async [Symbol.asyncDispose]() {
      const isOver = once(server, 'exit');
      server.kill('SIGTERM');
      await isOver;
      await rm(join(folder, '..'), { recursive: true, force: true });
    },
  };
}

async function feed(command: string, args: string[], input: string): Promise<void> {
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.end(input);
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
}

/** Asks until the server listens. */
async function getToken(
  url: string,
  person: { login: string; passwd: string },
  server: ReturnType<typeof spawn>,
): Promise<string> {
  const body = new URLSearchParams(person);
  for (let tries = 0; tries < 500 && server.exitCode === null; tries += 1) {
    const response = await fetch(`${url}/oauth/x-snac-get-token`, { method: 'POST', body }).catch(
      () => undefined,
    );
    if (response?.ok) return (await response.text()).trim();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('snac did not start');
}
