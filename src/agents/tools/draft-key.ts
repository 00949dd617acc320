import { createHash } from 'node:crypto';
import type { CommandContext } from '../../commands/command.ts';
import { Refusal } from '../../core/problem.ts';
import { day, type Instant, minute } from '../../core/time.ts';
import type { PostFiles, PostText } from '../../ports/post-files.ts';

const prefix = 'agents/draft/';
const keptFor = 90 * day;
/** Whoever has not written the file by then has died. */
const patience = minute;

interface Kept {
  at: Instant;
  /** Of the text: a key is for one draft. */
  hash: string;
  /** Absent: it is being written. */
  path?: string;
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

export interface Wanted {
  key: string;
  text: string;
  write(): Promise<PostText>;
}

export interface Made {
  path: string;
  isNew: boolean;
}

/**
 * Writes a draft once for each key, whoever dies in between: the key is kept before the file is
 * written, and a file of which nothing is known is found by its text.
 */
export async function makeOnce(
  context: CommandContext,
  files: PostFiles,
  { key, text, write }: Wanted,
): Promise<Made> {
  const { store, clock } = context;
  const name = `${prefix}${digest(`${context.by} ${key}`)}`;
  const hash = digest(text);
  const fact = await store.findFact<Kept>(name);
  if (fact && fact.value.hash !== hash) throw new Refusal(tellOther(fact.value));
  if (fact?.value.path !== undefined) return { path: fact.value.path, isNew: false };
  if (fact && clock.now() - fact.value.at < patience) throw new Refusal(beingWritten);
  const begun: Kept = { at: clock.now(), hash };
  if (!(await store.putFact(name, begun, fact?.revision ?? 0))) throw new Refusal(beingWritten);
  const made = await writeOrFind(files, { text, write, isRepeated: fact !== undefined }).catch(
    async (error: unknown) => {
      // Nothing was written: the next call need not wait.
      if (error instanceof Refusal) await forget(context, name);
      throw error;
    },
  );
  const mine = await store.findFact<Kept>(name);
  await store.putFact(name, { ...begun, path: made.path } satisfies Kept, mine?.revision ?? 0);
  await forgetOld(context);
  return made;
}

async function writeOrFind(
  files: PostFiles,
  { text, write, isRepeated }: Pick<Wanted, 'text' | 'write'> & { isRepeated: boolean },
): Promise<Made> {
  const left = isRepeated ? await findByText(files, text) : undefined;
  return left === undefined
    ? { path: (await write()).path, isNew: true }
    : { path: left, isNew: false };
}

async function forget({ store }: CommandContext, name: string): Promise<void> {
  const fact = await store.findFact(name);
  if (fact) await store.removeFact(name, fact.revision);
}

const beingWritten =
  'This draft is being written by another call. Call draft_create again in a minute, with the ' +
  'same key and the same words';

const tellOther = ({ path }: Kept): string =>
  `This key was used for another draft${path === undefined ? '' : `, ${path}`}. Change that one ` +
  'with draft_update, or use a new key for a new draft';

async function findByText(files: PostFiles, text: string): Promise<string | undefined> {
  for (const { path } of await files.listDrafts()) {
    const file = await files.read(path).catch(() => undefined);
    if (file?.text === text) return file.path;
  }
  return undefined;
}

async function forgetOld({ store, clock }: CommandContext): Promise<void> {
  for (const { key, value, revision } of await store.listFacts<Kept>(prefix))
    if (value.at < clock.now() - keptFor) await store.removeFact(key, revision);
}
