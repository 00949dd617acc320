import { execFileSync, spawnSync } from 'node:child_process';

/** podman or docker, whichever works here. */
export interface Engine {
  name: 'podman' | 'docker';
  /** What it printed. Throws with what it printed where it fails. */
  say(...args: string[]): string;
  /** Its exit code. */
  code(...args: string[]): number;
}

export function findEngine(): Engine {
  for (const name of ['podman', 'docker'] as const) {
    const isThere = spawnSync(name, ['info'], { stdio: 'ignore', timeout: 60_000 }).status === 0;
    if (isThere) return openEngine(name);
  }
  throw new Error('neither podman nor docker works here: apt-get install podman');
}

function openEngine(name: Engine['name']): Engine {
  return {
    name,
    say(...args) {
      try {
        return execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
      } catch (error) {
        const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
        throw new Error(`${name} ${args.join(' ')}: ${stdout}${stderr}`, { cause: error });
      }
    },
    code: (...args) => spawnSync(name, args, { stdio: 'ignore' }).status ?? -1,
  };
}

export interface Container extends Disposable {
  name: string;
  /** What a command inside of it printed. */
  exec(...command: string[]): string;
  /** Waits until its health check is content; seconds. */
  untilHealthy(): Promise<number>;
  /** With what code it ended, and after how many seconds. */
  stop(): { code: number; seconds: number };
}

export function runContainer(
  engine: Engine,
  name: string,
  { options, image, command = [] }: { options: string[]; image: string; command?: string[] },
): Container {
  engine.code('rm', '-f', name);
  // Its own timer needs systemd in some engines: the image's check is run by hand.
  engine.say('run', '-d', '--no-healthcheck', '--name', name, ...options, image, ...command);
  const health = healthCheckOf(engine, image);
  return {
    name,
    exec: (...words) => engine.say('exec', name, ...words),
    untilHealthy: () => untilHealthy(engine, name, health),
    stop() {
      const began = performance.now();
      engine.say('stop', name);
      const seconds = (performance.now() - began) / 1000;
      return {
        code: Number(engine.say('inspect', name, '--format', '{{.State.ExitCode}}')),
        seconds,
      };
    },
    [Symbol.dispose]: () => void engine.code('rm', '-f', '-v', name),
  };
}

function healthCheckOf(engine: Engine, image: string): string[] {
  const [{ Config, Healthcheck }] = JSON.parse(engine.say('image', 'inspect', image)) as [
    { Config: { Healthcheck?: { Test: string[] } }; Healthcheck?: { Test: string[] } },
  ];
  const [kind, ...command] = (Healthcheck ?? Config.Healthcheck)?.Test ?? [];
  if (kind !== 'CMD') throw new Error('the image has no health check');
  return command;
}

async function untilHealthy(engine: Engine, name: string, health: string[]): Promise<number> {
  const began = performance.now();
  for (;;) {
    if (engine.code('exec', name, ...health) === 0) return (performance.now() - began) / 1000;
    if (performance.now() - began > 180_000)
      throw new Error(`${name} is not healthy after three minutes: ${engine.say('logs', name)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
