import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { draftsFolder } from './draft-names.ts';
import { causeOf, putFile } from './write-file.ts';

interface Place {
  postsFolder: string;
}

/** From which path to which, the latest last. */
type Moves = [from: string, to: string][];

const mostKept = 500;
const mostSteps = 5;

const fileIn = ({ postsFolder }: Place) => join(postsFolder, draftsFolder, '.moved.json');

/** A page or a caller that knows the draft by its old path finds it: nothing else may be taken. */
export async function noteMove(place: Place, from: string, to: string): Promise<void> {
  if (from === to) return;
  // A name that is in use again is that of what stands there now.
  const others = (await readMoves(place)).filter(([one]) => one !== from && one !== to);
  const moves: Moves = [...others, [from, to]];
  try {
    await putFile(fileIn(place), Buffer.from(JSON.stringify(moves.slice(-mostKept))));
  } catch (error) {
    // The draft has moved; whoever still has its old path is told that it is gone.
    if (causeOf(error) === undefined) throw error;
  }
}

/** Where a draft of this path has gone; undefined: that is not known. */
export async function findMoved(place: Place, path: string): Promise<string | undefined> {
  const moves = new Map(await readMoves(place));
  let at: string | undefined;
  for (let step = moves.get(path), i = 0; step !== undefined && i < mostSteps; i++) {
    at = step;
    step = moves.get(step);
  }
  return at;
}

async function readMoves(place: Place): Promise<Moves> {
  try {
    const all: unknown = JSON.parse(await readFile(fileIn(place), 'utf8'));
    return Array.isArray(all) ? all.filter(isMove) : [];
  } catch {
    return [];
  }
}

const isMove = (one: unknown): one is Moves[number] =>
  Array.isArray(one) && one.length === 2 && one.every((path) => typeof path === 'string');
