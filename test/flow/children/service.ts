// A service in a process of its own: service.ts FOLDER MONGO_URI OPTIONS, as JSON.
import { once } from 'node:events';
import { openServed } from '../../../src/app.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
import { openEnvironment } from '../../../src/config/environment.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { Timing } from '../../../src/flow/context.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Publisher } from '../../../src/ports/publisher.ts';
import { quick } from '../world.ts';

export interface ServiceOptions {
  /** So many milliseconds does its clock run ahead. */
  ahead?: number;
  /**
   * It waits in front of every socket until it was stopped and goes on; it says when it waits, and
   * when it was refused then.
   */
  holdsBeforePublish?: boolean;
  timing?: Partial<Timing>;
}

const [folder = '', uri = '', options = '{}'] = process.argv.slice(2);
const { ahead = 0, holdsBeforePublish = false, timing } = JSON.parse(options) as ServiceOptions;
const clock: Clock = { now: () => systemClock.now() + ahead, monotonic: systemClock.monotonic };
const config = {
  ...loadConfig(folder, openEnvironment(folder, { MONGODB_URI: uri })),
  web: { host: '127.0.0.1', port: 0 },
};
config.folders.data += `-${process.pid}`;
const log = { info: () => undefined, warn: () => undefined };
const served = await openServed(config, {
  log,
  clock,
  timing: { ...quick, ...timing },
  settleFor: 0,
});

function hold(publisher: Publisher, goesOn: Promise<unknown>) {
  const publish = publisher.publish.bind(publisher);
  publisher.publish = async (payload, how) => {
    process.stdout.write('holds\n');
    await goesOn;
    try {
      return await publish(payload, how);
    } catch (error) {
      process.stdout.write('refused\n');
      throw error;
    }
  };
}

if (holdsBeforePublish) {
  const goesOn = once(process, 'SIGCONT');
  for (const publisher of served.context.publishers.values()) hold(publisher, goesOn);
}
process.stdout.write('running\n');
process.on('SIGTERM', () => void served[Symbol.asyncDispose]().then(() => process.exit(0)));
