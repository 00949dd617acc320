import { EventEmitter, once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** Where in a session something may go wrong; `body` and `dot`: of a mail. */
export const places = ['greeting', 'EHLO', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'body', 'dot'] as const;
export type Place = (typeof places)[number];

export interface Fault {
  at: Place;
  /** `stored-…`: after the mail was accepted durably, at the dot. */
  how: 'drop' | 'reset' | 'hang' | 'trickle' | 'stored-drop' | 'stored-reset' | 'stored-hang';
}

export interface Chaos {
  fault?: Fault;
  /** Answers instead of the usual ones; the server goes on, and closes after 421. */
  replies?: Partial<Record<Place | 'RSET', string>>;
  /** In which mail of a connection it goes wrong, from 1. */
  inMail?: number;
  /** In how many connections, from the first one on. Default: in each. */
  connections?: number;
  /** Closes when so many bytes of the client have been read. */
  readsBytes?: number;
  /** Closes when so many bytes were written. */
  writesBytes?: number;
  /** Offered after EHLO. */
  offers?: string[];
}

export interface ChaosServer extends AsyncDisposable {
  port: number;
  /** The Message-ID of each mail that it has taken, in turn. */
  stored: string[];
  /** Whole mails as they came. */
  texts: string[];
  /** All commands, in turn. */
  commands: string[];
  connections: number;
  /** Of the last connection that came to its end by itself. */
  bytesRead: number;
  bytesWritten: number;
  chaos: Chaos;
  /** Fires `fault` when it has gone wrong, with the place. */
  events: EventEmitter;
  /** Ends all connections. */
  cut(): void;
}

const usual: Record<Place | 'RSET' | 'QUIT', string> = {
  greeting: '220 chaos ESMTP',
  EHLO: '250 chaos',
  AUTH: '235 2.7.0 welcome',
  MAIL: '250 2.1.0 Ok',
  RCPT: '250 2.1.5 Ok',
  DATA: '354 go on',
  body: '',
  dot: '250 2.0.0 Ok: queued as 4711',
  RSET: '250 2.0.0 Ok',
  QUIT: '221 2.0.0 bye',
};

/** An SMTP server that misbehaves as it is told, and knows exactly what it has taken. */
export async function openChaosServer(): Promise<ChaosServer> {
  const sockets = new Set<Socket>();
  const server: ChaosServer = {
    port: 0,
    stored: [],
    texts: [],
    commands: [],
    connections: 0,
    bytesRead: 0,
    bytesWritten: 0,
    chaos: {},
    events: new EventEmitter(),
    cut: () => sockets.forEach((socket) => socket.resetAndDestroy()),
    [Symbol.asyncDispose]: async () => {
      server.cut();
      listener.close();
      await once(listener, 'close');
    },
  };
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    server.connections++;
    serve(server, socket);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  server.port = (listener.address() as AddressInfo).port;
  return server;
}

interface Talk {
  server: ChaosServer;
  socket: Socket;
  chaos: Chaos;
  mails: number;
  /** It reads and says nothing more. */
  isMute: boolean;
  written: number;
}

function serve(server: ChaosServer, socket: Socket): void {
  const isIll = server.connections <= (server.chaos.connections ?? Infinity);
  const { offers } = server.chaos;
  const chaos = isIll ? server.chaos : { ...(offers && { offers }) };
  const talk: Talk = { server, socket, chaos, mails: 0, isMute: false, written: 0 };
  let [line, body, isInBody, read] = ['', '', false, 0];
  server.bytesRead = 0;
  if (!goWrong(talk, 'greeting')) say(talk, 'greeting');
  const take = (sign: string) => {
    if (!isInBody) {
      line += sign;
      if (!line.endsWith('\r\n')) return;
      isInBody = obey(talk, line.slice(0, -2));
      [line, body] = ['', ''];
      return;
    }
    body += sign;
    if (body.length === 40 && goWrong(talk, 'body')) return;
    if (body !== '.\r\n' && !body.endsWith('\r\n.\r\n')) return;
    isInBody = false;
    endMail(talk, body.slice(0, -3));
  };
  socket.on('data', (chunk) => {
    for (const sign of chunk.toString('latin1')) {
      if (socket.destroyed || talk.isMute) return;
      read++;
      server.bytesRead = read;
      take(sign);
      if (read === talk.chaos.readsBytes) return void socket.resetAndDestroy();
    }
  });
}

/** True: a mail follows. */
function obey(talk: Talk, line: string): boolean {
  const verb = line.slice(0, 4).toUpperCase();
  talk.server.commands.push(line);
  if (verb === 'MAIL') talk.mails++;
  if (verb === 'QUIT') {
    say(talk, 'QUIT');
    talk.socket.end();
    return false;
  }
  const place = ({ HELO: 'EHLO' }[verb] ?? verb) as Place;
  if (!(place in usual)) return (write(talk, '502 5.5.1 unknown\r\n'), false);
  if (goWrong(talk, place)) return false;
  return say(talk, place).startsWith('354') && place === 'DATA';
}

function endMail(talk: Talk, body: string): void {
  const { server, chaos } = talk;
  const fault = isDue(talk) && chaos.fault?.at === 'dot' ? chaos.fault : undefined;
  const reply = replyTo(talk, 'dot');
  const takes = fault ? fault.how.startsWith('stored') : /^(2|stored:)/.test(reply);
  if (takes) {
    server.stored.push(/^message-id: (.*)$/im.exec(body)?.[1] ?? '');
    server.texts.push(body);
  }
  if (!goWrong(talk, 'dot')) say(talk, 'dot');
}

const isDue = ({ chaos, mails }: Talk) => mails === (chaos.inMail ?? mails);

function replyTo(talk: Talk, place: Place | 'RSET' | 'QUIT'): string {
  const own = place !== 'QUIT' && isDue(talk) ? talk.chaos.replies?.[place] : undefined;
  return own ?? usual[place];
}

/** What was said. */
function say(talk: Talk, place: Place | 'RSET' | 'QUIT'): string {
  const reply = replyTo(talk, place).replace(/^stored:/, '');
  const offers = place === 'EHLO' && reply.startsWith('250') ? (talk.chaos.offers ?? []) : [];
  const lines = [reply.replace(/^250 chaos/, 'chaos'), ...offers];
  const text =
    offers.length === 0
      ? `${reply}\r\n`
      : lines.map((one, i) => `250${i === lines.length - 1 ? ' ' : '-'}${one}\r\n`).join('');
  write(talk, text);
  if (reply.startsWith('421')) talk.socket.end();
  return reply;
}

function write(talk: Talk, text: string): void {
  const { socket, chaos, server } = talk;
  const most = (chaos.writesBytes ?? Infinity) - talk.written;
  talk.written += text.length;
  server.bytesWritten = talk.written;
  if (text.length < most) return void socket.write(text);
  socket.end(text.slice(0, most));
  talk.isMute = true;
}

/** True: it has. */
function goWrong(talk: Talk, at: Place): boolean {
  const { socket, server, chaos } = talk;
  if (chaos.fault?.at !== at || !isDue(talk)) return false;
  const how = chaos.fault.how.replace('stored-', '');
  talk.isMute = true;
  if (how === 'drop') socket.destroy();
  else if (how === 'reset') socket.resetAndDestroy();
  else if (how === 'trickle') trickle(socket);
  server.events.emit('fault', at);
  return true;
}

/** A reply that never ends. */
function trickle(socket: Socket): void {
  const timer = setInterval(() => socket.write('250-wait\r\n'), 5);
  socket.once('close', () => clearInterval(timer));
}
