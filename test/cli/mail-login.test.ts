import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { expect, test } from 'vitest';
import { openCliWorld, run } from './kit.ts';

test('accounts says whether the mail server lets Dripline in, without a mail', async () => {
  let mails = 0;
  const server = new SMTPServer({
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) =>
      username === 'shop' && password === 'right'
        ? done(null, { user: 'shop' })
        : done(new Error('wrong')),
    onData: (stream, _session, done) => {
      mails += 1;
      stream.resume().once('end', () => done());
    },
  });
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const own = 'from: hello@shop.example, postalAddress: Weg 1, tls: "off"';
  const sender = `${own}, host: 127.0.0.1, port: ${port}`;
  const yaml = (password: string, more = '') => `cadence: { perDay: 1, minGap: 1h }
public: { url: https://go.example.com }
mail:
  { ${sender}, user: shop, password: ${password}${more} }
`;
  const closed =
    ', bounces: { imap: { host: 127.0.0.1, port: 1, tls: "off", user: u, password: p } }';
  for (const [password, more, ok, words] of [
    ['right', '', [true], ''],
    ['wrong', '', [false], 'Check mail.user and mail.password'],
    ['right', closed, [true, false], 'Check mail.bounces.imap'],
  ] as const) {
    await using world = await openCliWorld({ yaml: yaml(password, more) });
    const { stdout, code } = await run(world.folder, 'accounts --json');
    const servers = JSON.parse(stdout).filter((one: { server?: string }) => one.server);
    expect(servers.map((one: { ok: boolean }) => one.ok)).toEqual(ok);
    expect(JSON.stringify(servers)).toContain(words);
    if (!ok.every(Boolean)) expect(code).toBe(1);
    expect((await run(world.folder, 'accounts')).stdout).toContain(`127.0.0.1:${port}`);
  }
  expect(mails).toBe(0);
  await new Promise<void>((done) => server.close(() => done()));
});
