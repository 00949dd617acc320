import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { basename } from 'node:path';
import { Refusal } from '../core/problem.ts';
import { minute } from '../core/time.ts';

const longestFor = 30 * minute;
const mostWords = 2000;

let isHere: Promise<boolean> | undefined;

/** Whether there is an ffmpeg on the PATH; looked for once, since installing it takes a restart. */
export const isFfmpegHere = (): Promise<boolean> => (isHere ??= tryFfmpeg());

async function tryFfmpeg(): Promise<boolean> {
  const child = spawn('ffmpeg', ['-version'], { stdio: 'ignore' });
  const [code] = await once(child, 'exit').catch(() => [undefined]);
  return code === 0;
}

interface Run {
  file: string;
  to: string;
  options: string[];
  signal?: AbortSignal;
}

/** One after the other: each takes all cores that it gets. */
let before: Promise<unknown> = Promise.resolve();

/** Throws Refusal with ffmpeg's own words. */
export function runFfmpeg(run: Run): Promise<void> {
  const done = before.then(() => start(run));
  before = done.catch(() => undefined);
  return done;
}

async function start({ file, to, options, signal }: Run): Promise<void> {
  signal?.throwIfAborted();
  const deadline = AbortSignal.timeout(longestFor);
  const args = ['-nostdin', '-v', 'error', '-y', '-i', file, ...options, '-f', 'mp4', to];
  const child = spawn('ffmpeg', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    killSignal: 'SIGKILL',
  });
  giveWay(child.pid);
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(-mostWords);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return;
  const said = words.trim().split('\n').at(-1) ?? '';
  throw new Refusal(`${basename(file)} could not be made to fit. ffmpeg says: ${said || code}`);
}

/** Whatever is published meanwhile goes first. */
function giveWay(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, 10);
  } catch {
    // It has ended already, or the system has no priorities.
  }
}
