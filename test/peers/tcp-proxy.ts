import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpProxy extends AsyncDisposable {
  port: number;
  /** Cuts every connection; while it is refusing, new ones are accepted and closed at once. */
  cut(): void;
  isRefusing: boolean;
  /** While it is mute it takes what is sent and answers nothing. */
  isMute: boolean;
}

/** Stands in front of a server that speaks any protocol. */
export async function openTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  };
  const proxy: TcpProxy = {
    port: 0,
    isRefusing: false,
    isMute: false,
    cut: () => sockets.forEach((socket) => socket.resetAndDestroy()),
    [Symbol.asyncDispose]: async () => {
      proxy.cut();
      server.close();
      await once(server, 'close');
    },
  };
  const server = createServer((near) => {
    if (proxy.isRefusing) return void near.resetAndDestroy();
    const far = connect(target);
    keep(near);
    keep(far);
    near.on('data', (data) => proxy.isMute || far.write(data)).once('close', () => far.destroy());
    far.on('data', (data) => proxy.isMute || near.write(data)).once('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy.port = (server.address() as AddressInfo).port;
  return proxy;
}
