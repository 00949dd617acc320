// The service of the soak: node bench/soak/served.ts FOLDER. Says `running`, and `released` for
// each release.
import { openServed } from '../../src/app.ts';
import { commands } from '../../src/commands/all-commands.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { second } from '../../src/core/time.ts';
import { defaultTiming } from '../../src/flow/context.ts';

const speed = 500;

const folder = process.argv[2] ?? '.';
const config = {
  ...loadConfig(folder, openEnvironment(folder, {})),
  web: { host: '127.0.0.1', port: 0 },
};
const timing = {
  measureAges: defaultTiming.measureAges.map((age) => age / speed),
  measureEvery: second / 2,
  repliesEvery: 5 * second,
  followersEvery: 60 * second,
  rescanEvery: 30 * second,
  sweepEvery: 2 * second,
};
const warn = (text: string) => console.error(text);
const served = await openServed(config, { log: { info: () => undefined, warn }, timing });
const { store, clock } = served.context;
const context = { store, clock, settings: config, by: 'cli', version: 'soak' } as const;
await commands.find(({ name }) => name === 'resume')?.run(context, { args: [], options: {} });
console.log('running');

let told = 0;
const counting = setInterval(() => {
  void store.countDeliveries({ states: ['released'] }).then((count) => {
    for (; told < count; told += 1) console.log('released');
  });
}, second);
process.on('SIGTERM', () => {
  clearInterval(counting);
  void served[Symbol.asyncDispose]().then(() => process.exit(0));
});
