// A service in a process of its own: killed.ts FOLDER WATCHED KILL_AT [MONGO_URI]. It kills itself
// right before its KILL_AT-th write to the store that names WATCHED, a follow-up; the first such
// write is the decision.
import { openServed } from '../../../src/app.ts';
import { openEnvironment } from '../../../src/config/environment.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { measuredSoon } from '../world.ts';

const [folder = '', watched = '', killAt = '0', mongoUri] = process.argv.slice(2);
const config = {
  ...loadConfig(folder, openEnvironment(folder, mongoUri ? { MONGODB_URI: mongoUri } : {})),
  web: { host: '127.0.0.1', port: 0 },
};
const timing = { ...measuredSoon, claimFor: 1500, publishFor: 700 };
const served = await openServed(config, {
  log: { info: () => undefined, warn: () => undefined },
  timing,
  settleFor: 0,
});

let left = Number(killAt);
const { store } = served.context;
for (const name of [
  'addDeliveries',
  'changeDelivery',
  'changeDeliveries',
  'addSamples',
  'appendJournal',
  'putFact',
] as const) {
  const write = store[name].bind(store) as (...given: unknown[]) => Promise<unknown>;
  Object.assign(store, {
    [name]: async (...given: unknown[]) => {
      if (JSON.stringify(given).includes(watched) && --left === 0)
        process.kill(process.pid, 'SIGKILL');
      return write(...given);
    },
  });
}
process.stdout.write('running\n');
process.on('SIGTERM', () => void served[Symbol.asyncDispose]().then(() => process.exit(0)));
