// A service in a process of its own that kills itself at a boundary: service.ts FOLDER KILL_AFTER
// [MONGO_URI]. KILL_AFTER counts boundaries of releases (before and after each write, before and
// after each publish call); 0: it lives.
import { openServed } from '../../src/app.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Timing } from '../../src/flow/context.ts';

const [folder = '', killAfter = '0', mongoUri] = process.argv.slice(2);
const timing: Partial<Timing> = {
  claimFor: 4000,
  dispatchClaimFor: 4000,
  publishFor: 1500,
  lookGapFor: 300,
  sweepEvery: 300,
  rescanEvery: 60_000,
  listenEvery: 50,
};
const loaded = loadConfig(
  folder,
  openEnvironment(folder, mongoUri ? { MONGODB_URI: mongoUri } : {}),
);
const served = await openServed(
  { ...loaded, web: { host: '127.0.0.1', port: 0 } },
  {
    log: { info: () => undefined, warn: (text) => process.stderr.write(`${text}\n`) },
    timing,
    settleFor: 0,
  },
);

let left = Number(killAfter);
const boundary = () => {
  if (left > 0 && --left === 0) process.kill(process.pid, 'SIGKILL');
};
const { store, publishers } = served.context;
const change = store.changeDelivery.bind(store);
store.changeDelivery = async (before, after, entries) => {
  const counts = before.state === 'releasing' || after.state === 'releasing';
  if (counts) boundary();
  const changed = await change(before, after, entries);
  if (counts) boundary();
  return changed;
};
for (const publisher of publishers.values()) {
  const publish = publisher.publish.bind(publisher);
  publisher.publish = async (payload, options) => {
    boundary();
    const receipt = await publish(payload, options);
    boundary();
    return receipt;
  };
}
const people = store.people as unknown as Record<string, (...input: unknown[]) => Promise<unknown>>;
for (const name of ['change', 'changePerson', 'putBody', 'addActs', 'addEnrolment']) {
  const write = people[name]?.bind(people);
  if (!write) throw new Error(`the store has no ${name}`);
  people[name] = async (...input) => {
    boundary();
    const is = await write(...input);
    boundary();
    return is;
  };
}
for (const transport of served.context.people?.transports.values() ?? []) {
  const send = transport.send.bind(transport);
  transport.send = async (frozen, call) => {
    boundary();
    const outcome = await send(frozen, call);
    boundary();
    return outcome;
  };
}
process.stdout.write('running\n');
process.on('SIGTERM', () => void served[Symbol.asyncDispose]().then(() => process.exit(0)));
