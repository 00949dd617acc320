import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { openCommands } from '../app/open-commands.ts';
import { Refusal } from '../core/problem.ts';
import { openScrubber, toPrintableJson } from '../io/scrub.ts';
import type { CliContext } from './cli-context.ts';

/** JSON lines: `{"kind":"post"|"delivery"|"entry"|"sample"|"fact", …}`. */
export async function exportAll({ config }: CliContext): Promise<void> {
  await using context = await openCommands(config, 'cli');
  const { store } = context;
  const scrub = openScrubber(config.secrets);
  const write = (kind: string, value: object) =>
    process.stdout.write(`${toPrintableJson(scrub(JSON.stringify({ kind, ...value })))}\n`);
  const ids = (await store.listPostMarks()).map(({ id }) => id);
  for (let i = 0; i < ids.length; i += 500)
    for (const { mark: _mark, ...post } of await store.findPosts(ids.slice(i, i + 500)))
      write('post', post);
  for (const delivery of await store.listDeliveries({})) write('delivery', delivery);
  for (const entry of await store.listJournal({})) write('entry', entry);
  for (const sample of await store.listSamples({})) write('sample', sample);
  for (const fact of await store.listFacts<unknown>('')) write('fact', fact);
}

export async function backup({ folder, config, args, terminal }: CliContext): Promise<void> {
  await using context = await openCommands(config, 'cli');
  const file = resolve(folder, args[0] ?? '');
  // A copy over the store itself, or over its lock, would destroy the store.
  if (dirname(file) === resolve(config.folders.data))
    throw new Refusal(`${file} is in the data folder itself: name a file in another folder`);
  if (existsSync(file))
    throw new Refusal(`${file} exists already: name another file, or remove this one first`);
  await context.store.backup(file);
  terminal.print(`The store was copied to ${file}.`, { file });
}
