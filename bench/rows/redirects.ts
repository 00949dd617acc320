import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { openPublicDoor } from '../../src/door/open-door.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { percentile, type Row } from '../row.ts';

export const name = 'redirects';

const requests = 20_000;
const atOnce = 50;
const rounds = 3;
const code = 'Bench00000';
const headers = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0' };

/** How many counted links a door answers in a second, beside a bare redirect of Hono. */
export async function run(): Promise<Row[]> {
  await using store = openMemoryStore();
  const about = { delivery: 'a@x', post: 'a', account: 'x', network: 'x' as const, createdAt: 0 };
  await store.addLinks([{ code, target: 'https://shop.example/', ...about }]);
  await using door = await openPublicDoor({
    url: 'https://go.example.com',
    host: '127.0.0.1',
    port: 0,
    trustedProxies: ['127.0.0.1'],
    store,
    clock: { now: Date.now, monotonic: () => performance.now() },
    warn: console.error,
  });
  const bare = serve({ fetch: bareApp().fetch, hostname: '127.0.0.1', port: 0 });
  await new Promise((resolve) => bare.once('listening', resolve));
  const { port } = bare.address() as AddressInfo;
  // In turn, so that both have the same of whatever else the machine does.
  const rates: [door: number, bare: number][] = [];
  for (let round = 0; round < rounds; round++)
    rates.push([await measure(door.port), await measure(port)]);
  bare.close();
  const usual = (which: 0 | 1) =>
    Math.round(
      percentile(
        rates.map((one) => one[which]),
        0.5,
      ),
    );
  const [ours, theirs] = [usual(0), usual(1)];
  const note = `${atOnce} connections, judged and counted; the client is in the same process`;
  return [
    { what: 'counted links a second', value: String(ours), note },
    { what: 'bare redirects of Hono a second', value: String(theirs), note: 'in the same run' },
    { what: 'share of the bare redirect', value: `${Math.round((100 * ours) / theirs)} %` },
  ];
}

function bareApp() {
  const app = new Hono();
  app.get('/l/:code', (c) => c.redirect('https://shop.example/', 302));
  return app;
}

async function measure(port: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  let left = requests;
  const began = performance.now();
  const work = async () => {
    while (left-- > 0) await open(port, agent);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  agent.destroy();
  return (requests / (performance.now() - began)) * 1000;
}

const open = (port: number, agent: Agent) =>
  new Promise<void>((resolve, reject) => {
    const path = `/l/${code}`;
    request({ host: '127.0.0.1', port, path, agent, headers }, (answer) => {
      if (answer.statusCode !== 302) reject(new Error(`answered ${answer.statusCode}`));
      answer.resume().once('end', resolve);
    })
      .once('error', reject)
      .end();
  });
