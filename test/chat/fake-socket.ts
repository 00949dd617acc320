import { createHash } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** The server's end of one WebSocket: as much of RFC 6455 as two chat libraries need. */
export interface FakeSocket {
  url: string;
  send(message: object): void;
  /** Cuts the connection, as an outage does. */
  cut(): void;
}

interface Handlers {
  onOpen(socket: FakeSocket): void;
  onMessage(socket: FakeSocket, message: Record<string, unknown>): void;
}

const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const opcodes = { text: 1, close: 8, ping: 9, pong: 10 };

/** Lets a server of HTTP take WebSockets. Ends all of them when it is told to. */
export function takeSockets(server: Server, { onOpen, onMessage }: Handlers): () => void {
  const open = new Set<Duplex>();
  server.on('upgrade', (request: IncomingMessage, stream: Duplex) => {
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}${magic}`)
      .digest('base64');
    stream.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    open.add(stream);
    stream.on('close', () => open.delete(stream));
    stream.on('error', () => stream.destroy());
    const socket: FakeSocket = {
      url: request.url ?? '',
      send: (message) =>
        void stream.write(toFrame(opcodes.text, Buffer.from(JSON.stringify(message)))),
      cut: () => void stream.destroy(),
    };
    let rest = Buffer.alloc(0);
    stream.on('data', (piece: Buffer) => {
      rest = Buffer.concat([rest, piece]);
      for (let frame = readFrame(rest); frame; frame = readFrame(rest)) {
        rest = rest.subarray(frame.length);
        if (frame.opcode === opcodes.text)
          onMessage(socket, JSON.parse(frame.payload.toString()) as Record<string, unknown>);
        else if (frame.opcode === opcodes.ping) stream.write(toFrame(opcodes.pong, frame.payload));
        else if (frame.opcode === opcodes.close) stream.end(toFrame(opcodes.close, frame.payload));
      }
    });
    onOpen(socket);
  });
  return () => open.forEach((stream) => stream.destroy());
}

function toFrame(opcode: number, payload: Buffer): Buffer {
  const head =
    payload.length < 126
      ? Buffer.from([0x80 | opcode, payload.length])
      : Buffer.from([0x80 | opcode, 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, payload]);
}

/** Frames of clients are masked. Undefined: not all of it is there yet. */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const short = second & 0x7f;
  const at = short === 126 ? 4 : 2;
  if (bytes.length < at + 4) return undefined;
  const size = short === 126 ? bytes.readUInt16BE(2) : short;
  if (bytes.length < at + 4 + size) return undefined;
  const mask = bytes.subarray(at, at + 4);
  const payload = Buffer.from(
    bytes.subarray(at + 4, at + 4 + size).map((byte, i) => byte ^ (mask[i % 4] ?? 0)),
  );
  return { opcode: first & 0x0f, payload, length: at + 4 + size };
}
