// node test/container/run.ts IMAGE: runs the image as its users do, and counts on the networks' side.
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { accountsYaml } from '../sandbox/accounts-yaml.ts';
import { type Container, type Engine, findEngine, runContainer } from './engine.ts';

const image = process.argv[2] ?? 'dripline';
const engine = findEngine();
const root = mkdtempSync(join(tmpdir(), 'dripline-container-'));
const locked = [
  '--read-only',
  '--tmpfs',
  '/tmp',
  '--cap-drop',
  'ALL',
  '--security-opt',
  'no-new-privileges',
];
let isWell = true;

function judge(what: string, holds: boolean, seen: string): void {
  isWell &&= holds;
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}: ${seen}`);
}

/** A folder that the container's user may read, and write where it owns it. */
function makeFolder(name: string, files: Record<string, string> = {}, owner = 1000): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    chownSync(join(folder, path), owner, owner);
  }
  chownSync(folder, owner, owner);
  return folder;
}

async function waitFor<T>(what: string, look: () => T | undefined | false): Promise<T> {
  const end = performance.now() + 180_000;
  for (;;) {
    const seen = look();
    if (seen) return seen;
    if (performance.now() > end) throw new Error(`waited three minutes in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

async function sandboxOfStranger(): Promise<void> {
  const data = makeFolder('stranger', {}, 4242);
  using container = runContainer(engine, 'dripline-sandbox', {
    options: [...locked, '--network=none', '--user', '4242:4242', '-v', `${data}:/data`],
    image,
  });
  const seconds = await container.untilHealthy();
  judge('sandbox, read-only root, another uid: healthy', true, `${seconds.toFixed(1)} s`);
  const { paused } = ask<{ paused: unknown }>(container, 'status');
  judge('status inside of it answers', paused === null, 'running');
  const log = engine.say('logs', container.name);
  const page = 'http://127.0.0.1:4330';
  judge('its log says where the page is, and its password', isTold(log, page), page);
  judgeEnd(container);
}

const isTold = (log: string, page: string) => log.includes(page) && /password/i.test(log);

interface Accepted {
  network: string;
  text: string;
}

const count = 30;
const ports = ['4331', '4332', '4333', '4334'];
const test = join(import.meta.dirname, '..');
const askPage = "fetch('http://127.0.0.1:4331/posts.json').then((r) => r.text()).then(console.log)";

interface Peers {
  container: Container;
  /** A folder with `dripline.yaml` for their accounts. */
  config: string;
}

function startPeers(): Container {
  return runContainer(engine, 'dripline-peers', {
    options: ['--network=none', '--tmpfs', '/tmp', '-v', `${test}:/app/test:ro`],
    image,
    command: ['node', 'test/sandbox/server.ts', '/tmp/networks.jsonl', ...ports],
  });
}

async function writeConfig({ name }: Container): Promise<string> {
  const line = await waitFor('the networks', () => engine.say('logs', name).trim() || undefined);
  const { page: _page, ...baseUrls } = JSON.parse(line) as Record<string, string>;
  const cadence = 'cadence: { perDay: 60000, windows: ["00:00-24:00"], minGap: 1s }';
  const yaml = `timezone: UTC\n${accountsYaml(baseUrls)}${cadence}\n`;
  return makeFolder('config', { 'dripline.yaml': yaml });
}

/** With accounts of its own, on the networks' own loopback. */
function startService(
  name: string,
  { container, config }: Peers,
  folders: { posts: string; data: string },
): Container {
  const mounts = [`${config}:/app/config:ro`, `${folders.posts}:/app/posts:ro`];
  return runContainer(engine, name, {
    options: [
      ...locked,
      `--network=container:${container.name}`,
      ...[...mounts, `${folders.data}:/data`].flatMap((one) => ['-v', one]),
    ],
    image,
  });
}

async function ownAccounts(peers: Peers): Promise<void> {
  const files = Array.from({ length: count }, (_, n) => [`${100 + n}.md`, `Post number ${n}.`]);
  const folders = {
    posts: makeFolder('posts', Object.fromEntries(files) as Record<string, string>),
    data: makeFolder('data'),
  };
  using service = startService('dripline-service', peers, folders);
  judge('own accounts: healthy', true, `${(await service.untilHealthy()).toFixed(1)} s`);
  service.exec('node', 'bin/dripline.js', 'resume');
  const accepted = () => JSON.parse(peers.container.exec('node', '-e', askPage)) as Accepted[];
  for (const share of [0.2, 0.5, 0.8]) {
    await waitFor('posts', () => accepted().length >= count * 3 * share);
    engine.say('kill', '--signal', 'KILL', service.name);
    engine.say('start', service.name);
    await service.untilHealthy();
  }
  await waitFor('an empty queue', () => ask<unknown[]>(service, 'queue').length === 0);
  const all = accepted();
  const once = new Set(all.map(({ network, text }) => `${network} ${text}`)).size;
  const journal = ask<{ type: string }[]>(service, 'journal');
  const uncertain = journal.filter(({ type }) => type === 'uncertain').length;
  judge(
    'killed three times: each post once on each network',
    all.length === once && once + uncertain >= count * 3,
    `${all.length} accepted, ${once} different, ${uncertain} for a person`,
  );
  judgeEnd(service);
}

const ask = <T>(container: Container, ...words: string[]): T =>
  JSON.parse(container.exec('node', 'bin/dripline.js', ...words, '--json')) as T;

function judgeEnd(container: Container): void {
  const { code, seconds } = container.stop();
  const seen = `exit ${code} after ${seconds.toFixed(1)} s`;
  judge(`${container.name} stopped in order`, code === 0 && seconds < 10, seen);
}

async function olderVolume(peers: Peers): Promise<void> {
  const data = makeFolder('old-data');
  {
    using database = new DatabaseSync(join(data, 'dripline.db'));
    database.exec(readFileSync(join(test, 'store/made-by-0.1.0.sql'), 'utf8'));
  }
  for (const name of readdirSync(data)) chownSync(join(data, name), 1000, 1000);
  const folders = { posts: makeFolder('old-posts'), data };
  using service = startService('dripline-older', peers, folders);
  await service.untilHealthy();
  const { deliveries } = ask<{ deliveries: { state: string }[] }>(service, 'show', 'released');
  const states = deliveries.map(({ state }) => state);
  judge(
    "an older version's volume is opened",
    states.length > 0 && states.every((state) => state === 'released'),
    states.join(', '),
  );
  judgeEnd(service);
}

function initInside(): void {
  const config = makeFolder('init-config');
  const secrets = makeFolder('init-secrets');
  const once = ['run', '--rm', '--no-healthcheck', '--network=none', ...locked];
  const mounts = ['-v', `${config}:/app/config`, '-v', `${secrets}:/app/secrets`];
  const words = 'node bin/dripline.js init --network bluesky --timezone Europe/Berlin'.split(' ');
  const said = engine.say(...once, ...mounts, image, ...words);
  const written = [...readdirSync(config), ...readdirSync(secrets)].sort();
  judge(
    'init inside writes to the mounted folders',
    written.includes('dripline.yaml') && written.includes('bluesky_app_password'),
    `${written.join(', ')}; ${said.split('\n')[0] ?? ''}`,
  );
}

/** Nothing is asked where the answers could not be kept. */
function initWithoutFolders(): void {
  const words = ['node', 'bin/dripline.js', 'init', '--network', 'bluesky', '--timezone', 'UTC'];
  let said = '';
  try {
    engine.say('run', '--rm', ...locked, '--network=none', '--no-healthcheck', image, ...words);
  } catch (error) {
    said = (error as Error).message;
  }
  const line = said.split('\n').find((one) => one.includes('nothing can be written')) ?? said;
  const told = line.replace(/^.*: (?=nothing can be written)/, '');
  judge('init without mounted folders says what to do', told.includes('docs/docker.md'), told);
}

function describeImage({ say }: Engine): void {
  const bytes = Number(say('image', 'inspect', image, '--format', '{{.Size}}'));
  const parts = say(
    'run',
    '--rm',
    '--network=none',
    image,
    'sh',
    '-c',
    'du -sm /usr/local/bin/node node_modules src',
  );
  const sizes = parts
    .trim()
    .split('\n')
    .map((one) => one.replace(/^(\d+)\s+(.*)$/, '$2 $1 MB'));
  judge('image', true, `${Math.round(bytes / 1e6)} MB: ${sizes.join(', ')}`);
}

try {
  chmodSync(root, 0o755);
  describeImage(engine);
  await sandboxOfStranger();
  using container = startPeers();
  const peers = { container, config: await writeConfig(container) };
  await ownAccounts(peers);
  await olderVolume(peers);
  initInside();
  initWithoutFolders();
} finally {
  rmSync(root, { recursive: true, force: true });
}
process.exitCode = isWell ? 0 : 1;
