import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';

const limits = new WeakMap<IncomingMessage, { isLarge: boolean }>();

/**
 * Cuts off who takes longer over a request. Where a large file is awaited, something of it has to
 * come in each such time.
 */
export function limitRequests(server: EventEmitter, within: number): void {
  server.prependListener('request', (incoming: IncomingMessage) => {
    if (!('content-length' in incoming.headers || 'transfer-encoding' in incoming.headers)) return;
    const limit = { isLarge: false };
    limits.set(incoming, limit);
    let before = incoming.socket.bytesRead;
    const timer = setInterval(() => {
      const { bytesRead } = incoming.socket;
      const isGoingOn = limit.isLarge && bytesRead > before;
      before = bytesRead;
      if (incoming.complete || incoming.destroyed) clearInterval(timer);
      else if (!isGoingOn) cut(incoming);
    }, within).unref();
    incoming.once('close', () => clearInterval(timer));
  });
}

function cut({ socket }: IncomingMessage) {
  if (socket.writable) socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
  socket.destroy();
}

/** Once it is known who sends it. */
export function allowLarge(incoming: IncomingMessage | undefined): void {
  const limit = incoming && limits.get(incoming);
  if (limit) limit.isLarge = true;
}
