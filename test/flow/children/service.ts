// A service in a process of its own: service.ts FOLDER MONGO_URI [MS_AHEAD] [publish]. With
// `publish` it waits in front of every socket until it was stopped and went on (its wall clock
// jumps), and says when it was refused then.
import { setTimeout as delay } from 'node:timers/promises';
import { openServed, systemClock } from '../../../src/app.ts';
import { openEnvironment } from '../../../src/config/environment.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import { quick } from '../world.ts';

const [folder = '', uri = '', ahead = '0', holdBefore] = process.argv.slice(2);
const clock: Clock = {
  now: () => systemClock.now() + Number(ahead),
  monotonic: systemClock.monotonic,
};
const config = {
  ...loadConfig(folder, openEnvironment(folder, { MONGODB_URI: uri })),
  web: { host: '127.0.0.1', port: 0 },
};
config.folders.data += `-${process.pid}`;
const served = await openServed(config, {
  log: { info: () => undefined, warn: () => undefined },
  clock,
  timing: quick,
  settleFor: 0,
});
if (holdBefore === 'publish') {
  for (const publisher of served.context.publishers.values()) {
    const publish = publisher.publish.bind(publisher);
    publisher.publish = async (payload, options) => {
      let last = Date.now();
      while (Date.now() - last < 1000) {
        last = Date.now();
        await delay(50);
      }
      try {
        return await publish(payload, options);
      } catch (error) {
        process.stdout.write('refused\n');
        throw error;
      }
    };
  }
}
process.stdout.write('running\n');
process.on('SIGTERM', () => void served[Symbol.asyncDispose]().then(() => process.exit(0)));
