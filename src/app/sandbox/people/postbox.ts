import { type Knowing, toReport } from '../../../mail/reports/to-report.ts';
import type { Mailbox } from '../../../ports/people/mailbox.ts';

/** A mailbox in memory: what people and other servers write to us, as raw mails. */
export interface Postbox {
  post(raw: string): void;
  open(knowing: Knowing): Mailbox;
}

const mostKept = 1000;

export function openPostbox(): Postbox {
  const mails: string[] = [];
  let dropped = 0;
  return {
    post(raw) {
      mails.push(raw.replaceAll(/\r?\n/g, '\r\n'));
      if (mails.length > mostKept) dropped += mails.splice(0, mails.length - mostKept).length;
    },
    open: (knowing) => ({
      async readNew(from, { take, signal }) {
        // Each start has a mailbox of its own.
        const validity = `sandbox ${process.pid}`;
        let lastUid = from?.validity === validity ? from.lastUid : 0;
        for (const raw of mails.slice(Math.max(0, lastUid - dropped))) {
          if (signal.aborted) break;
          await take(await toReport(Buffer.from(raw), knowing));
          lastUid = Math.max(lastUid, dropped) + 1;
        }
        return { validity, lastUid };
      },
    }),
  };
}
