import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { accountsYaml } from '../../test/sandbox/accounts-yaml.ts';
import { makeFolder } from '../../test/store/kit.ts';
import type { HeapInUse } from '../heap-probe.js';
import { startFlags, startNetworks } from '../service.ts';

const minute = 60_000;
/** A release of each account in this time. */
const every = 5000;

/** Posts that wait. */
const queued = 200;
const perDay = 86_400_000 / every;
const toYaml = (baseUrls: Record<string, string>) => `timezone: UTC
${accountsYaml(baseUrls)}cadence: { perDay: ${perDay}, windows: ["00:00-24:00"], minGap: 3s }
`;

/**
 * A real service in a process of its own, on its own store and against the local networks in
 * another: a release of each account in five seconds, and looks at their numbers 500 times as
 * early. Posts come by their files, and old files go.
 */
export async function soakService(
  minutes: number,
  note: (done: string, use: HeapInUse) => void,
): Promise<void> {
  await using place = await makeFolder();
  const networks = await startNetworks(place.path);
  for (const name of ['posts', 'media', 'config']) mkdirSync(join(place.path, name));
  writeFileSync(join(place.path, 'config/dripline.yaml'), toYaml(networks.baseUrls));
  const posts = openWriter(join(place.path, 'posts'));
  posts.write(queued);
  const service = spawn(
    process.execPath,
    [...startFlags(), join(import.meta.dirname, 'served.ts'), place.path],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  const ended = once(service, 'exit');
  try {
    const released = await countReleases(service);
    for (let tenth = 1; tenth <= 10; tenth += 1) {
      await feed(posts, (minutes * minute) / 10);
      note(`${released()} releases`, await ask(service));
    }
  } finally {
    service.kill('SIGTERM');
    await ended;
    networks.child.kill('SIGKILL');
  }
}

/** What it says is counted from here on. */
async function countReleases(service: ChildProcess): Promise<() => number> {
  if (!service.stdout) throw new Error('the service has no output');
  const lines = createInterface({ input: service.stdout });
  await once(lines, 'line');
  let released = 0;
  lines.on('line', (line) => (released += line === 'released' ? 1 : 0));
  return () => released;
}

interface Writer {
  write(count: number): void;
}

/** What is out for a while is removed, as some people do: the folder keeps its size. */
function openWriter(folder: string): Writer {
  let n = 0;
  const fileOf = (number: number) => join(folder, `p${String(number).padStart(7, '0')}.md`);
  return {
    write(count) {
      for (let i = 0; i < count; i += 1) {
        n += 1;
        writeFileSync(fileOf(n), `Post ${n}: small amounts, steadily, for a long time.`);
        rmSync(fileOf(n - queued - 20), { force: true });
      }
    },
  };
}

/** As many new files as are published. */
async function feed(posts: Writer, time: number): Promise<void> {
  const until = performance.now() + time;
  while (performance.now() < until) {
    await delay(Math.min(every * 4, Math.max(0, until - performance.now())));
    posts.write(4);
  }
}

async function ask(service: ChildProcess): Promise<HeapInUse> {
  service.send('heap');
  const [answer] = (await once(service, 'message')) as [HeapInUse];
  return answer;
}
