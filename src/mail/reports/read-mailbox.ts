import { ImapFlow } from 'imapflow';
import type { Mailbox, MailboxMark, Report } from '../../ports/people/mailbox.ts';
import type { MailServer } from '../mail-server.ts';
import { toReport, type Knowing } from './to-report.ts';

export interface MailboxSettings extends MailServer, Knowing {
  mailbox: string;
}

const largest = 1_000_000;
const mostAtOnce = 200;
const limitFor = 30_000;

/** By IMAP, one look at a time: an instance of the library cannot connect twice. */
export function openMailbox(settings: MailboxSettings): Mailbox {
  return {
    async readNew(from, { take, signal }) {
      const client = connect(settings);
      const stop = () => client.close();
      signal.addEventListener('abort', stop, { once: true });
      try {
        await client.connect();
        return await readAll(client, { settings, from, take });
      } finally {
        signal.removeEventListener('abort', stop);
        client.close();
      }
    },
  };
}

function connect({ host, port, user = '', password = '', tls, isImplicit, ca }: MailboxSettings) {
  const client = new ImapFlow({
    host,
    port,
    secure: isImplicit ?? port === 993,
    doSTARTTLS: tls === 'required' ? undefined : false,
    auth: { user, pass: password },
    logger: false,
    disableAutoIdle: true,
    connectionTimeout: limitFor,
    greetingTimeout: limitFor,
    socketTimeout: limitFor,
    ...(ca === undefined ? {} : { tls: { ca } }),
  });
  // What ends a connection is told to whoever waits for an answer.
  client.on('error', () => undefined);
  return client;
}

interface Reading {
  settings: MailboxSettings;
  from: MailboxMark | undefined;
  take: (report: Report) => Promise<void>;
}

async function readAll(client: ImapFlow, { settings, from, take }: Reading): Promise<MailboxMark> {
  const box = await client.mailboxOpen(settings.mailbox, { readOnly: true });
  const validity = String(box.uidValidity);
  // A mailbox that is met for the first time may be years old: what is in it is not about us.
  if (from === undefined) return { validity, lastUid: box.uidNext - 1 };
  let lastUid = from.validity === validity ? from.lastUid : 0;
  const uids: number[] = [];
  for await (const { uid } of client.fetch(`${lastUid + 1}:*`, { uid: true }, { uid: true }))
    // The server answers with its last one where there is none.
    if (uid > lastUid) uids.push(uid);
  for (const uid of uids.sort((a, b) => a - b).slice(0, mostAtOnce)) {
    const query = { source: { start: 0, maxLength: largest } };
    const found = await client.fetchOne(String(uid), query, { uid: true });
    if (found && found.source) await take(await toReport(found.source, settings));
    lastUid = uid;
  }
  return { validity, lastUid };
}
