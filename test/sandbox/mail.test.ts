import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/app/system-clock.ts';
import type { MailOutcome } from '../../src/ports/people/mail.ts';
import { mailMisbehaviours } from '../../src/sandbox/http/misbehaviour.ts';
import { openSandbox, type Rule, type Sandbox } from '../../src/sandbox/open-sandbox.ts';
import { callWith, mailerTo, makeMail } from '../mail/kit.ts';

let folder: string;
let sandbox: Sandbox;
const open = (own = {}) =>
  openSandbox({ file: join(folder, 'sandbox.jsonl'), clock: systemClock, port: 0, ...own });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dripline-inbox-'));
  sandbox = await open();
});
afterEach(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = async (path: string) => {
  const response = await fetch(`${sandbox.page}${path}`);
  return { status: response.status, headers: response.headers, text: await response.text() };
};

async function send(mail = makeMail()): Promise<MailOutcome> {
  await using mailer = mailerTo(sandbox.mail.port, { user: 'any', password: 'any' });
  return await mailer.send(mail, callWith());
}

const withHtml = (html: string) => {
  const bytes = [
    'From: =?utf-8?Q?M=C3=BCller?= <hello@example.com>',
    'To: ann@example.net',
    'Subject: Hello <b>Ann</b>',
    'Message-ID: <h1@example.com>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Read https://shop.example/a <script>',
    '--b',
    'Content-Type: text/html; charset=utf-8',
    '',
    html,
    '--b--',
    '',
  ];
  return makeMail({ messageId: '<h1@example.com>', bytes: Buffer.from(bytes.join('\r\n')) });
};

test('a mail is in the inbox as soon as it is answered for, and after a restart', async () => {
  const mail = makeMail();
  expect(await send(mail)).toMatchObject({
    is: 'sent',
    said: expect.stringContaining('queued as m1'),
  });
  const expected = {
    to: 'ann@example.net',
    from: 'Shop <hello@example.com>',
    subject: 'Hello',
    messageId: mail.messageId,
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    text: '.a line with a dot\nGood bye\n',
  };
  expect(JSON.parse((await get('/mail.json')).text)).toEqual([expected]);
  await sandbox.close();
  sandbox = await open();
  expect(sandbox.mails()).toEqual([expected]);
  await send();
  expect(sandbox.mails()).toHaveLength(2);
});

test('each person has an inbox, whatever the case of the address', async () => {
  await send(makeMail({ to: 'ann@example.net' }));
  await send(makeMail({ to: 'Ann@example.net' }));
  await send(makeMail({ to: 'bob+a@example.org' }));
  const people = (await get('/mail')).text;
  expect(people).toMatch(/href="\/mail\/Ann%40example\.net"[^]*2 mails/);
  expect(people).toMatch(/href="\/mail\/bob%2Ba%40example\.org"[^]*1 mail/);
  const inbox = (await get('/mail/ann%40example.net')).text;
  expect(inbox.match(/class="row"/g)).toHaveLength(2);
  expect((await get('/mail/eve%40example.net')).status).toBe(404);
  expect((await get('/')).text).toContain('<a href="/mail">Mail <b>3</b></a>');
});

test('a mail is shown with HTML in a frame that can do nothing, with its text and headers', async () => {
  await send(
    withHtml('<html><head><title>x</title></head><body><script>1</script>Hi</body></html>'),
  );
  const page = await get('/mail/ann%40example.net/m1');
  expect(page.text).toContain('Hello &lt;b&gt;Ann&lt;/b&gt;');
  expect(page.text).toContain('Müller &lt;hello@example.com&gt;');
  expect(page.text).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
  expect(page.text).toContain(
    '<a href="https://shop.example/a">https://shop.example/a</a> &lt;script&gt;',
  );
  expect(page.text).toContain('Message-ID: &lt;h1@example.com&gt;');
  expect(page.headers.get('content-security-policy')).toContain("frame-src 'self'");
  const frame = await get('/mail/ann%40example.net/m1/html');
  expect(frame.text).toContain('<head><base target="_blank"><title>');
  const policy = frame.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain('sandbox allow-popups');
  expect(policy).not.toContain('script');
  expect((await get('/mail/bob%40example.net/m1')).status).toBe(404);
  expect((await get('/mail/ann%40example.net/m2/html')).status).toBe(404);
});

test('its port is the one that is asked for, or any other if that is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const other = { file: join(folder, 'other.jsonl') };
  {
    await using second = await open({ ...other, mailPort: port });
    expect(second.mail.port).not.toBe(port);
  }
  taken.close();
  await once(taken, 'close');
  await using third = await open({ ...other, mailPort: port });
  expect(third.mail).toEqual({ host: '127.0.0.1', port });
});

const outcomes: Record<(typeof mailMisbehaviours)[number], [MailOutcome['is'], number]> = {
  'reset-before': ['uncertain', 0],
  'reset-midway': ['uncertain', 0],
  'reset-after-commit': ['uncertain', 1],
  hang: ['uncertain', 0],
  'hang-after-commit': ['uncertain', 1],
  slow: ['sent', 1],
  'smtp-421': ['uncertain', 0],
  'smtp-451': ['later', 0],
  'smtp-535': ['refused', 0],
  'smtp-550': ['refused', 0],
  'smtp-554': ['refused', 0],
};

test.each(Object.entries(outcomes))(
  'a mail server that is told %s: %s',
  async (how, [is, kept]) => {
    const rule = { network: 'mail', how, times: 1, ms: 1 } as Rule;
    await fetch(`${sandbox.page}/misbehave`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rule),
    });
    await using mailer = mailerTo(
      sandbox.mail.port,
      how.startsWith('hang') ? { limitFor: 500 } : {},
    );
    const mail = makeMail();
    expect((await mailer.send(mail, callWith())).is).toBe(is);
    await expect.poll(() => sandbox.mails().length).toBe(kept);
    expect((await mailer.send(makeMail(), callWith())).is).toBe('sent');
  },
);

test.each(['CONNECT', 'AUTH', 'MAIL FROM', 'RCPT TO'])('a rule may name %s', async (route) => {
  for (const how of ['reset-before', 'smtp-451', 'smtp-421'] as const) {
    const undo = sandbox.misbehave({ network: 'mail', route: `^${route}`, how });
    expect((await send()).is).toBe('later');
    undo();
  }
  expect(sandbox.mails()).toEqual([]);
  expect((await send()).is).toBe('sent');
});

test('a rule may name one mailbox', async () => {
  sandbox.misbehave({ network: 'mail', route: '^RCPT TO:<bob@', how: 'smtp-550' });
  expect(await send(makeMail({ to: 'bob@example.net' }))).toMatchObject({
    is: 'refused',
    code: 550,
  });
  expect((await send()).is).toBe('sent');
});

test('rules for mail and for networks are kept apart', async () => {
  const post = (rule: object) =>
    fetch(`${sandbox.page}/misbehave`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rule),
    });
  expect((await post({ network: 'mail', how: 'html-502' })).status).toBe(400);
  expect((await post({ network: 'x', how: 'smtp-550' })).status).toBe(400);
  expect(await (await post({ network: 'y', how: 'hang' })).text()).toContain('mail');
});
