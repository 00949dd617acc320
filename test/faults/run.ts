// npm run test:faults -- [--only bluesky] [--how hang] [--request "first part"] [--video] [--at-once 3]
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { type Network, networks } from '../../src/core/network/network.ts';
import { misbehaviours } from '../../src/sandbox/http/misbehaviour.ts';
import { openCardPage } from './fault-world.ts';
import { type Outcome, runCells } from './faults.ts';
import { listCells, requests } from './requests.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    how: { type: 'string' },
    request: { type: 'string' },
    video: { type: 'boolean' },
    'at-once': { type: 'string', default: '3' },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);

const signs: Record<string, string> = { released: 'out', uncertain: 'asks', failed: 'told' };

function toSign({ wrong, states }: Outcome): string {
  if (wrong.length) return 'WRONG';
  return signs[states.find((state) => state !== 'released') ?? 'released'] ?? '?';
}

function toTable(network: Network, outcomes: Outcome[]): string {
  const table = new Table({
    head: [network, ...misbehaviours.map((how) => how.replaceAll('-', '\n'))],
    style: { head: [], border: [] },
  });
  for (const { name } of requests[network]) {
    const row = misbehaviours.map((how) =>
      outcomes.find(
        ({ cell }) => cell.network === network && cell.name === name && cell.how === how,
      ),
    );
    if (row.some(Boolean)) table.push([name, ...row.map((one) => (one ? toSign(one) : ''))]);
  }
  return table.toString();
}

const cells = listCells(values);
if (!cells.length) throw new Error('there is no such request, network or misbehaviour');
const began = performance.now();
await using page = await openCardPage();
const outcomes = await runCells(cells, page, { atOnce: Number(values['at-once']), say });
for (const network of networks)
  if (outcomes.some(({ cell }) => cell.network === network)) say(toTable(network, outcomes));
const wrong = outcomes.filter((one) => one.wrong.length).length;
say(
  `${outcomes.length} releases met a fault, ${wrong} of them went wrong (out: once on the network; asks: a person decides, on X alone; told: refused with a reason, and out once a person said retry). ${Math.round((performance.now() - began) / 1000)} s`,
);
process.exitCode = wrong ? 1 : 0;
setImmediate(() => process.exit());
