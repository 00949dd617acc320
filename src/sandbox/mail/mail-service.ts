import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { callbackify } from 'node:util';
import type { SMTPServer, SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import { pickDefined } from '../../core/pick-defined.ts';
import { Refusal } from '../../core/problem.ts';
import type { Rule, Rules } from '../http/misbehaviour.ts';
import type { World } from '../world/world.ts';
import { readMail } from './kept-mails.ts';

/** Where it listens. */
export interface MailService {
  host: string;
  port: number;
  close(): Promise<void>;
}

interface Context {
  world: World;
  rules: Rules;
  /** Hears of every command. */
  count: (network: string, route: string) => void;
}

interface Service extends Context {
  /** By the port of the other side. */
  sockets: Map<number, Socket>;
}

const largest = 25 * 1024 * 1024;

/**
 * A mail server that takes every mail, and shows them on the sandbox's page. It listens on the port
 * if that is free, else on any.
 */
export async function startMailService(
  context: Context,
  { host, port }: { host: string; port: number },
): Promise<MailService> {
  const service: Service = { ...context, sockets: new Map() };
  const server = await createService(service);
  // Of single connections; that of listening comes from the listener as well.
  server.on('error', () => undefined);
  const listen = async (on: number) => {
    const listener = server.listen(on, host);
    await once(listener, 'listening');
    return (listener.address() as AddressInfo).port;
  };
  const taken = await listen(port).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE' && port !== 0) return listen(0);
    throw new Refusal(`The sandbox's mail server can't listen on ${host}: ${error.message}.`);
  });
  return {
    host,
    port: taken,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of service.sockets.values()) socket.destroy();
      }),
  };
}

/** The library is loaded here, and only in the sandbox. */
async function createService(service: Service): Promise<SMTPServer> {
  const { SMTPServer } = await import('smtp-server');
  const ask = callbackify((asked: Asked) => answer(service, asked));
  const login = callbackify(async (session: SMTPServerSession, user: string | undefined) => {
    await answer(service, { request: 'AUTH', session });
    return { user };
  });
  const receive = callbackify((data: Data) => take(service, data));
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    disabledCommands: ['STARTTLS'],
    size: largest,
    closeTimeout: 1,
    onConnect: (session, done) => ask({ request: 'CONNECT', session }, done),
    onAuth: ({ username }, session, done) => login(session, username, done),
    onMailFrom: ({ address }, session, done) =>
      ask({ request: `MAIL FROM:<${address}>`, session }, done),
    onRcptTo: ({ address }, session, done) =>
      ask({ request: `RCPT TO:<${address}>`, session }, done),
    onData: (stream, session, done) => receive({ stream, session }, done),
  });
  server.server.on('connection', (socket) => {
    const { remotePort = 0 } = socket;
    service.sockets.set(remotePort, socket);
    socket.on('error', () => undefined).once('close', () => service.sockets.delete(remotePort));
  });
  return server;
}

interface Asked {
  request: string;
  session: SMTPServerSession;
}

/** Throws what is answered instead; where a rule says so, nothing is. */
async function answer(service: Service, { request, session }: Asked): Promise<void> {
  service.count('mail', request.split(':')[0] ?? request);
  const rule = service.rules.take('mail', request);
  if (!rule) return;
  const socket = service.sockets.get(session.remotePort);
  if (rule.how.startsWith('reset')) return drop(socket);
  if (rule.how.startsWith('hang')) return never();
  await pauseFor(rule, socket);
  const refusal = refusalOf(rule);
  if (refusal) throw refusal;
}

function drop(socket: Socket | undefined): Promise<never> {
  socket?.resetAndDestroy();
  return never();
}

const never = () => new Promise<never>(() => undefined);

/** Ends early when the caller has gone. */
function pauseFor({ how, ms = 1000 }: Rule, socket: Socket | undefined): Promise<void> {
  if (how !== 'slow') return Promise.resolve();
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      done();
    };
    const timer = setTimeout(end, ms);
    socket?.once('close', end);
  });
}

const words: Record<string, string> = {
  'smtp-421': '4.3.2 The sandbox goes away, as it was told',
  'smtp-451': '4.3.0 The sandbox is busy, as it was told',
  'smtp-535': '5.7.8 The sandbox knows no such login, as it was told',
  'smtp-550': '5.1.1 The sandbox knows no such mailbox, as it was told',
  'smtp-554': '5.7.1 The sandbox takes no such mail, as it was told',
};

function refusalOf({ how }: Rule): Error | undefined {
  const said = words[how];
  if (said === undefined) return undefined;
  return Object.assign(new Error(said), { responseCode: Number(how.slice('smtp-'.length)) });
}

interface Data {
  stream: SMTPServerDataStream;
  session: SMTPServerSession;
}

/** Keeps a mail, one in each inbox, and returns the words that say so. */
async function take(service: Service, { stream, session }: Data): Promise<string> {
  const { world, rules, count } = service;
  count('mail', 'DATA');
  const rule = rules.take('mail', 'DATA');
  const socket = service.sockets.get(session.remotePort);
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (rule?.how === 'reset-midway') return drop(socket);
    chunks.push(chunk);
  }
  if (stream.sizeExceeded)
    throw Object.assign(new Error('5.3.4 The mail is too large'), { responseCode: 552 });
  if (rule?.how.startsWith('reset-') && rule.how !== 'reset-after-commit') return drop(socket);
  if (rule?.how === 'hang') return never();
  if (rule) await pauseFor(rule, socket);
  const refusal = rule && refusalOf(rule);
  if (refusal) throw refusal;
  const id = await keep(world, session, Buffer.concat(chunks));
  if (rule?.how === 'reset-after-commit') return drop(socket);
  return rule?.how === 'hang-after-commit' ? never() : id;
}

async function keep(world: World, session: SMTPServerSession, bytes: Buffer): Promise<string> {
  const read = await readMail(bytes);
  const { mailFrom, rcptTo } = session.envelope;
  const envelopeFrom = mailFrom ? mailFrom.address : '';
  const first = world.mails().length + 1;
  const mails = rcptTo.map(({ address }, i) => ({
    ...pickDefined(read),
    id: `m${first + i}`,
    to: address,
    envelopeFrom,
    at: world.clock.now(),
  }));
  world.write(mails.map((mail) => ({ type: 'mail', mail })));
  return `queued as m${first}`;
}
