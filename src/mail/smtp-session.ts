import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { pickDefined } from '../core/pick-defined.ts';
import type { SmtpError, Stage } from './judge-failure.ts';
import type { MailServer } from './mail-server.ts';

/** A connection that is logged in. */
export interface Session {
  connection: SMTPConnection;
  /** Whether a mail has been tried on it, so that the server may have left it since. */
  isUsed: boolean;
  /** The server still holds what it refused. */
  needsReset: boolean;
  isAlive(): boolean;
  /** At once: what is in hand is cut off. */
  close(): void;
  /** Says goodbye; waits a second for the answer. */
  quit(): Promise<void>;
}

/** Why there is no session. */
export interface NoSession {
  stage: Stage;
  error: SmtpError;
}

const goodbyeFor = 1000;

/** Closing what the signal belongs to ends every step that is in hand. */
export async function openSession(
  server: MailServer,
  signal: AbortSignal,
): Promise<Session | NoSession> {
  const connection = createConnection(server);
  const session = toSession(connection);
  const stop = () => session.close();
  signal.addEventListener('abort', stop, { once: true });
  let stage: Stage = 'connecting';
  try {
    signal.throwIfAborted();
    await step(connection, (done) => connection.connect((error) => done(error ?? null)));
    stage = 'login';
    const { user, password } = server;
    if (user !== undefined)
      await step(connection, (done) =>
        connection.login({ credentials: { user, pass: password ?? '' } }, done),
      );
    return session;
  } catch (error) {
    session.close();
    return { stage, error: error as SmtpError };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function createConnection(server: MailServer): SMTPConnection {
  const { host, port, tls, ca, isImplicit = port === 465 } = server;
  const connection = new SMTPConnection({
    host,
    port,
    secure: tls === 'required' && isImplicit,
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'off',
    tls: { minVersion: 'TLSv1.2', ...pickDefined({ ca }) },
    socketCloseTimeout: goodbyeFor,
    maxResponseSize: 64 * 1024,
  });
  // What ends a step is heard there; between steps nobody asks.
  connection.on('error', () => undefined);
  return connection;
}

function toSession(connection: SMTPConnection): Session {
  let isAlive = true;
  const ended = new Promise<void>((done) => {
    connection.once('end', () => {
      isAlive = false;
      done();
    });
  });
  const close = () => connection.close();
  return {
    connection,
    isUsed: false,
    needsReset: false,
    isAlive: () => isAlive,
    close,
    async quit() {
      if (!isAlive) return;
      const timer = setTimeout(close, goodbyeFor);
      connection.quit();
      await ended;
      clearTimeout(timer);
    },
  };
}

type Done<T> = (error: SmtpError | null, value?: T) => void;

/**
 * One command, or several, as a promise. The library tells a loss of the connection to its
 * listeners alone, unless a mail is in hand; then both are told, and the command's own error is
 * the better one.
 */
export function step<T>(connection: SMTPConnection, run: (done: Done<T>) => void): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const fail = (error: SmtpError) => setImmediate(reject, error);
  const lose = () => fail(new Error('the connection was closed'));
  connection.once('error', fail);
  connection.once('end', lose);
  run((error, value) => (error ? reject(error) : resolve(value as T)));
  return promise.finally(() => {
    connection.off('error', fail);
    connection.off('end', lose);
  });
}
