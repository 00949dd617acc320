import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { domainOf, envelopeOf, readTokensOf } from '../../src/app/people/mail-marks.ts';
import { dispatchId } from '../../src/core/people/dispatch.ts';
import { toEnvelopeAddress } from '../../src/core/people/mail/mailbox.ts';
import { openTokens } from '../../src/io/secrets/sealed-tokens.ts';
import { toReport } from '../../src/mail/reports/to-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'dripline-marks-'));
const tokens = await openTokens(join(folder, 'token.key'));
afterAll(() => rmSync(folder, { recursive: true }));

const mail = { from: 'Shop <hello@shop.example>', bounces: { address: 'bounces@shop.example' } };
const long = 'how-to-begin-your-very-first-week-with-a-planner-made-of-paper';
const names = ['hello', long, `${long}-${long}`, 'größe-und-maß', 'ガイド'];
const ids = names.flatMap((step) =>
  ['welcome', long].map((sequence) =>
    dispatchId({ sequence, run: 12, person: 'p-5ea45b4488' }, step),
  ),
);

test('however long a step and its sequence are called, servers take its sender and its envelope id', () => {
  for (const id of ids) {
    const { envelopeFrom, envelopeId } = envelopeOf({ mail, tokens }, { id });
    expect(toEnvelopeAddress(envelopeFrom), id).toBe(envelopeFrom);
    expect(envelopeFrom).toMatch(/^bounces\+[0-9a-f]{20}@shop\.example$/);
    expect(envelopeId).toMatch(/^[0-9a-f]{20}$/);
  }
  expect(new Set(ids.map((id) => envelopeOf({ mail, tokens }, { id }).envelopeFrom)).size).toBe(
    ids.length,
  );
  // Without room for a mark it is the address itself: the report has other signs.
  const address = `${'b'.repeat(60)}@shop.example`;
  const bare = envelopeOf({ mail: { bounces: { address } }, tokens }, { id: 'a.b@p' });
  expect(bare.envelopeFrom).toBe(address);
});

test('what comes back names the mail by its address, in any case, or by its envelope alone', async () => {
  const id = ids[3] ?? '';
  const { envelopeFrom, envelopeId } = envelopeOf({ mail, tokens }, { id });
  const messageId = `<${tokens.mark('bounce', id)}@${domainOf(mail)}>`;
  const knowing = {
    addresses: ['bounces@shop.example'],
    readToken: readTokensOf(tokens, mail),
  };
  const dsn = (to: string, envelope: string) =>
    Buffer.from(
      [
        'From: MAILER-DAEMON@mx.example',
        `To: ${to}`,
        'Subject: Undelivered',
        'MIME-Version: 1.0',
        'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
        '',
        '--b',
        'Content-Type: message/delivery-status',
        '',
        `Original-Envelope-Id: ${envelope}`,
        '',
        'Final-Recipient: rfc822; ann@x.example',
        'Action: failed',
        'Status: 5.1.1',
        '',
        '--b--',
        '',
      ].join('\r\n'),
    );
  for (const raw of [
    dsn(envelopeFrom, 'x'),
    dsn(envelopeFrom.toUpperCase(), 'x'),
    dsn('bounces@shop.example', envelopeId),
  ])
    expect(await toReport(raw, knowing)).toMatchObject({
      kind: 'hard',
      messageIds: expect.arrayContaining([messageId]),
    });
  // Mails of before have a long token.
  const old = dsn(`bounces+${tokens.make('bounce', 'a.b@p-1')}@shop.example`, 'x');
  expect(await toReport(old, knowing)).toMatchObject({ dispatch: 'a.b@p-1' });
  const forged = await toReport(dsn('bounces+0000@shop.example', 'x'), knowing);
  expect([forged.dispatch, forged.messageIds]).toEqual([undefined, []]);
});
