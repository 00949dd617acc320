// A mail server in a process of its own that takes everything, and prints its port.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

const server = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  disableReverseLookup: true,
  size: 1_000_000,
  onData: (stream, _session, taken) => void stream.resume().once('end', () => taken()),
});
const listener = server.listen(0, '127.0.0.1');
await once(listener, 'listening');
process.stdout.write(`${(listener.address() as AddressInfo).port}\n`);
process.stdin.resume().once('end', () => process.exit());
