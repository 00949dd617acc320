import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openCommands } from '../../app/open-commands.ts';
import { toJson, withIso } from '../../commands/people/list-people.ts';
import { findOne, openHands } from '../../commands/people/people-hands.ts';
import type { CommandContext } from '../../commands/command.ts';
import { keyOfAddress, type Person } from '../../core/people/person.ts';
import { writeWhole } from '../../io/files/atomic-file.ts';
import { toPrintableJson } from '../../io/scrub.ts';
import type { CliContext } from '../cli-context.ts';
import { toNewFile } from '../moving/export-file.ts';

const atOnce = 200;

/** All that is known of people, for them: of one as JSON, of all as lines of it. */
export async function exportPeople(cli: CliContext): Promise<void> {
  const { folder, config, args, options, terminal } = cli;
  await using context = await openCommands(config, 'cli');
  const id = options['person'];
  const texts = typeof id === 'string' ? oneText(context, id) : allLines(context);
  if (args[0] === undefined) {
    for await (const text of texts) process.stdout.write(text);
    return;
  }
  const file = toNewFile(config, folder, args[0]);
  await writeWhole(file, (temporary) =>
    pipeline(Readable.from(texts), createWriteStream(temporary)),
  );
  const what = typeof id === 'string' ? `What is known of ${id}` : 'What is known of people';
  terminal.print(`${what} was written to ${file}.`, { file });
}

async function* oneText(context: CommandContext, id: string): AsyncGenerator<string> {
  const person = await findOne(context, id);
  yield `${toPrintableJson(JSON.stringify(await readAll(context, person), undefined, 2))}\n`;
}

async function* allLines(context: CommandContext): AsyncGenerator<string> {
  for (let after: Person | undefined; ;) {
    const page = await context.store.people.listRecords({ kind: 'person', after, limit: atOnce });
    for (const person of page)
      yield `${toPrintableJson(JSON.stringify(await readAll(context, person)))}\n`;
    if (page.length < atOnce) return;
    after = page.at(-1);
  }
}

/** Messages too, as they were sent. */
async function readAll(context: CommandContext, person: Person) {
  const { people } = context.store;
  const { context: hands } = await openHands(context);
  const { id, addresses } = person;
  const [consents, enrolments, dispatches, acts, coupons, stops] = await Promise.all([
    people.listConsents(id),
    people.listEnrolments({ person: id }),
    people.listDispatches({ person: id }),
    people.listActs({ person: id }),
    people.listCoupons(id),
    people.listSuppressions(addresses.map(keyOfAddress).map(hands.hashOf)),
  ]);
  const messages = [];
  for (const { id: dispatch, intent } of dispatches) {
    const bytes = intent && (await people.findBody(intent.body));
    if (bytes) messages.push({ dispatch, text: Buffer.from(bytes).toString('utf8') });
  }
  return {
    ...toJson(person, context.clock.now()),
    consents: consents.map(withIso),
    enrolments: enrolments.map(withIso),
    dispatches: dispatches.map(withIso),
    messages,
    acts: acts.map(withIso),
    coupons: coupons.map(withIso),
    stops: stops.map(({ purpose, at, because }) => withIso({ purpose, at, because })),
  };
}
