import { expect, test, vi } from 'vitest';
import { guardedGet } from '../../src/io/guarded-get.ts';
import { allowedAddresses } from '../../src/io/guarded/private-addresses.ts';
import { serveWeb } from './web.ts';

const isAllowed = async (host: string, leave: Parameters<typeof allowedAddresses>[1]) =>
  (await allowedAddresses(new URL(`http://${host}/`), leave)).length > 0;

const home = ['10.1.2.3', '172.16.0.9', '172.31.255.1', '192.168.1.1', '100.64.0.1', '[fd12::1]'];
const machine = ['127.0.0.1', '127.8.8.8', '[::1]', 'localhost'];
const never = [
  '169.254.169.254',
  '169.254.1.1',
  '100.100.100.200',
  '0.0.0.0',
  '224.0.0.1',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '[::ffff:169.254.169.254]',
  '[::]',
];

test('private addresses need leave, and some get none', async () => {
  for (const host of [...home, ...machine, ...never])
    expect(await isAllowed(host, {}), host).toBe(false);
  for (const host of machine)
    expect(await isAllowed(host, { allowLoopback: true }), host).toBe(true);
  for (const host of home) expect(await isAllowed(host, { allowLoopback: true }), host).toBe(false);
  for (const host of [...home, ...machine])
    expect(await isAllowed(host, { allowPrivate: true }), host).toBe(true);
  for (const host of never) expect(await isAllowed(host, { allowPrivate: true }), host).toBe(false);
});

test('what is refused is refused by the request itself, and nothing is said on the console', async () => {
  const warn = vi.spyOn(console, 'warn');
  for (const host of [...home, ...machine, ...never].filter((one) => one !== 'localhost'))
    await expect(guardedGet(`http://${host}:9/`), host).rejects.toThrow(/private network/);
  await using web = await serveWeb((_, response) => response.end('here'));
  expect((await guardedGet(web.url, { allowPrivate: true })).status).toBe(200);
  expect((await guardedGet(web.url, { allowLoopback: true })).status).toBe(200);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});
