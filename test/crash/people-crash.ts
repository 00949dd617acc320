import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCommands } from '../../src/app/open-commands.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { commands } from '../../src/commands/all-commands.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { chance } from '../../src/core/chance.ts';
import { isLive } from '../../src/core/people/enrolment.ts';
import { keyOfAddress } from '../../src/core/people/person.ts';
import { openSandbox } from '../../src/sandbox/open-sandbox.ts';
import { openPostfix } from '../mail/postfix.ts';
import { findFreePort } from '../peers/free-port.ts';
import { until } from '../flow/world.ts';

export interface PeopleCrashOptions {
  kills: number;
  people: number;
  mongoUri?: string | undefined;
  /** A real Postfix takes the mails, rather than the sandbox's server. */
  postfix?: boolean;
  seed: string;
  say?: (text: string) => void;
}

export interface PeopleCrashResult {
  /** Of the steps that were due, by what the ledger says. */
  states: Record<string, number>;
  mails: number;
  stopped: number;
  /** Steps that came twice, were lost, or came after a stop was acknowledged. */
  wrong: string[];
}

const steps = 5;
const stepsOf = Array.from({ length: steps }, (_, i) => `step${i + 1}`);

/**
 * People on their way through a sequence of five mails, a service that is killed again and again, a
 * mail server that lives on, and a count in its inboxes at the end.
 */
export async function runPeopleCrashes(options: PeopleCrashOptions): Promise<PeopleCrashResult> {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-people-crash-'));
  await using inboxes = await (options.postfix ? openPostfixInboxes() : openSandboxInboxes(folder));
  let service: ChildProcess | undefined;
  try {
    await prepare(folder, { ...options, mail: inboxes });
    service = await startService(folder, 0, options.mongoUri);
    await enterAll(folder, options);
    await killNow(service);
    const stops = new Map<string, number>();
    for (let kill = 0; kill < options.kills; kill += 1) {
      service = await killOnce(folder, options, { kill, stops });
      options.say?.(`kill ${kill + 1} of ${options.kills}: ${stops.size} stops`);
    }
    service = await startService(folder, 0, options.mongoUri);
    return await judge(folder, options, { mails: () => inboxes.mails(), stops });
  } finally {
    service?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Received {
  to: string;
  subject: string;
  /** When the server took it, in milliseconds. */
  at: number;
}

interface Inboxes extends AsyncDisposable {
  host: string;
  port: number;
  mails(): Promise<Received[]>;
}

async function openSandboxInboxes(folder: string): Promise<Inboxes> {
  const sandbox = await openSandbox({
    file: join(folder, 'networks.jsonl'),
    clock: systemClock,
    ports: { page: 0, x: 0, bluesky: 0, mastodon: 0 },
  });
  return {
    ...sandbox.mail,
    mails: async () => sandbox.mails().map((one) => ({ ...one, at: Date.parse(one.at) })),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

const header = (text: string, name: RegExp) => name.exec(text)?.[1] ?? '';

async function openPostfixInboxes(): Promise<Inboxes> {
  const postfix = await openPostfix(0);
  return {
    host: '127.0.0.1',
    port: postfix.port,
    async mails() {
      const texts = await postfix.mails('people');
      return texts.map((text) => ({
        to: header(text, /^x-original-to: (.*?)\r?$/im),
        subject: header(text, /^subject: (.*?)\r?$/im),
        // When its smtpd began to take it, in whole seconds.
        at: Date.parse(header(text, /^received:[^;]*;\s*([^\r\n]*)/im)),
      }));
    },
    [Symbol.asyncDispose]: () => postfix[Symbol.asyncDispose](),
  };
}

async function prepare(
  folder: string,
  { kills, people, mail }: PeopleCrashOptions & { mail: { host: string; port: number } },
): Promise<void> {
  const port = await findFreePort();
  mkdirSync(join(folder, 'config'));
  mkdirSync(join(folder, 'posts/welcome'), { recursive: true });
  // Slow enough that there is something left for the last kill.
  const perSecond = Math.max(5, Math.ceil((people * steps) / Math.max(1, kills * 0.8)));
  writeFileSync(
    join(folder, 'config/dripline.yaml'),
    `timezone: UTC
public: { url: "http://127.0.0.1:${port}", port: ${port} }
people: { perWeek: 50 }
mail:
  from: shop@shop.example
  postalAddress: Weg 1
  host: ${mail.host}
  port: ${mail.port}
  tls: "off"
  perSecond: ${perSecond}
  perDay: 100000
`,
  );
  writeFileSync(join(folder, 'posts/welcome/_sequence.yaml'), 'start: { form: newsletter }\n');
  for (const [i, name] of stepsOf.entries())
    writeFileSync(
      join(folder, `posts/welcome/${i + 1}0-${name}.md`),
      `---\nsubject: ${name}\n---\nThis is ${name}.\n`,
    );
}

const configOf = (folder: string, mongoUri: string | undefined) =>
  loadConfig(folder, openEnvironment(folder, mongoUri ? { MONGODB_URI: mongoUri } : {}));

async function startService(folder: string, killAfter: number, mongoUri: string | undefined) {
  const file = join(import.meta.dirname, 'service.ts');
  const args = [file, folder, String(killAfter), ...(mongoUri ? [mongoUri] : [])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return child;
}

async function killNow(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

const idOf = (i: number) => `p-${i}`;
const mailOf = (id: string) => `${id}@people.example`;

async function enterAll(folder: string, { people, mongoUri }: PeopleCrashOptions): Promise<void> {
  await using context = await openCommands(configOf(folder, mongoUri), 'cli', systemClock);
  const say = sayIn(context);
  await say('resume');
  for (let i = 0; i < people; i += 1) {
    const [id, at] = [idOf(i), systemClock.now()];
    const address = { medium: 'mail', value: mailOf(id) } as const;
    const person = { id, status: 'new', createdAt: at, addresses: [address], fields: {} } as const;
    await context.store.people.addPerson({
      ...person,
      addresses: [address],
      score: 0,
      scoredAt: at,
      revision: 1,
    });
    const consent = { id: `c-${id}`, person: id, medium: 'mail', purpose: '*' } as const;
    const addressKey = keyOfAddress(address);
    await context.store.people.addConsents([
      { ...consent, addressKey, way: 'form', at, words: 'Yes', confirmedAt: at },
    ]);
    await say('enrol', id, 'welcome');
  }
}

type Commands = Awaited<ReturnType<typeof openCommands>>;

const sayIn =
  (context: Commands) =>
  (verb: string, ...args: string[]) =>
    commands.find(({ name }) => name === verb)?.run(context, { args, options: {} });

async function killOnce(
  folder: string,
  { mongoUri, seed, people }: PeopleCrashOptions,
  { kill, stops }: { kill: number; stops: Map<string, number> },
): Promise<ChildProcess> {
  const dice = chance(seed, kill);
  const isAtBoundary = kill % 2 === 0;
  const after = isAtBoundary ? 1 + Math.floor(dice * 60) : 0;
  const child = await startService(folder, after, mongoUri);
  const gone =
    child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve();
  // Somebody says stop, in the middle of all that.
  const stopped = idOf(Math.floor(chance(seed, 'stop', kill) * people));
  if (kill % 4 === 1 && !stops.has(stopped)) {
    await using context = await openCommands(configOf(folder, mongoUri), 'cli', systemClock);
    await sayIn(context)('stop', stopped);
    stops.set(stopped, systemClock.now());
  }
  const within = new Promise((resolve) =>
    setTimeout(resolve, isAtBoundary ? 8000 : 100 + dice * 1200),
  );
  await Promise.race([gone, within]);
  await killNow(child);
  return child;
}

interface Standing {
  mails: () => Promise<Received[]>;
  stops: ReadonlyMap<string, number>;
}

async function judge(
  folder: string,
  { mongoUri, people }: PeopleCrashOptions,
  { mails, stops }: Standing,
): Promise<PeopleCrashResult> {
  await using context = await openCommands(configOf(folder, mongoUri), 'cli', systemClock);
  const store = context.store.people;
  await until(
    'everyone has come to an end',
    async () => {
      const all = await store.listEnrolments({ sequence: 'welcome' });
      const open = await store.listDispatches({ states: ['planned', 'sending'], limit: 1 });
      return all.length === people && !all.some(isLive) && open.length === 0;
    },
    600_000,
  );
  const all = await store.listDispatches({ sequence: 'welcome' });
  const byId = new Map(all.map((one) => [one.id, one]));
  // What a real server has taken is in the mailbox a moment later.
  const sent = all.filter(({ state }) => state === 'sent').length;
  await until('what was sent is there', async () => (await mails()).length >= sent, 60_000);
  const received = Map.groupBy(await mails(), ({ to, subject }) => `${subject}@${to}`);
  const wrong: string[] = [];
  for (let i = 0; i < people; i += 1)
    for (const name of stepsOf) {
      const id = idOf(i);
      const got = received.get(`${name}@${mailOf(id)}`) ?? [];
      const state = byId.get(`welcome.${name}@${id}`)?.state ?? 'never';
      const stoppedAt = stops.get(id);
      if (got.length > 1) wrong.push(`${name} came to ${id} ${got.length} times`);
      if (got.length === 0 && state === 'sent') wrong.push(`${name} is sent, and ${id} has it not`);
      if (got.length === 0 && stoppedAt === undefined && state !== 'uncertain')
        wrong.push(`${id} has not got ${name}: ${state}`);
      if (got.some(({ at }) => stoppedAt !== undefined && at > stoppedAt))
        wrong.push(`${name} came to ${id} after the stop`);
    }
  const states: Record<string, number> = {};
  for (const { state } of all) states[state] = (states[state] ?? 0) + 1;
  return {
    states,
    mails: received.values().reduce((sum, own) => sum + own.length, 0),
    stopped: stops.size,
    wrong,
  };
}
