// node bench/soak.ts --releases 1000000 plays that many releases in virtual time, and
// --minutes 120 runs a real service so long with quick looks. Both print what is in use after a
// collection at each tenth, and end with 1 where the heap has grown since the second of them.
import { parseArgs } from 'node:util';
import { type HeapInUse, readInUse } from './heap-probe.js';
import { soakService } from './soak/service-soak.ts';
import { soakInVirtualTime } from './soak/virtual.ts';

const { values } = parseArgs({
  options: { releases: { type: 'string' }, minutes: { type: 'string' } },
});
const mebi = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
const titles = [
  'minute',
  'heap MiB',
  'of it code',
  'external',
  'RSS MiB',
  'open files',
  'timers',
  'done',
];

const looks: HeapInUse[] = [];
const startedAt = performance.now();

function note(done: string, use: HeapInUse): void {
  looks.push(use);
  const minute = ((performance.now() - startedAt) / 60_000).toFixed(1);
  const { heap, code, external, resident, files, timers } = use;
  const sizes = [heap, code, external, resident].map(mebi);
  const values = [minute, ...sizes, String(files), String(timers), done];
  const cells = values.map((value, i) => value.padStart(titles[i]?.length ?? 0));
  console.log([...(looks.length === 1 ? [titles.join('  ')] : []), cells.join('  ')].join('\n'));
}

/** Nothing grows by more than chance from the second tenth on, when all caches are filled. */
function judge(): boolean {
  const [second, last] = [looks[1], looks.at(-1)];
  if (!second || !last || last === second) throw new Error('too short to tell');
  const growth = last.heap / second.heap - 1;
  const isFlat = growth <= 0.05 && last.files <= second.files + 5;
  const change = `${growth < 0 ? '' : '+'}${(growth * 100).toFixed(1)} %`;
  console.log(`heap ${change} from 20 % to the end; allowed: 5 %. ${isFlat ? 'Flat' : 'It grows'}`);
  return isFlat;
}

if (values.minutes !== undefined) await soakService(Number(values.minutes), note);
else
  await soakInVirtualTime(Number(values.releases ?? 20_000), async ({ releases, days }) =>
    note(`${releases} releases, ${days} days`, readInUse()),
  );
process.exit(judge() ? 0 : 1);
