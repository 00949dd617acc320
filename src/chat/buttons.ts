import { createHash } from 'node:crypto';
import type { Delivery } from '../core/delivery/delivery.ts';
import { type Instant, second } from '../core/time.ts';
import type { Store } from '../ports/store.ts';

export interface Button {
  label: string;
  /** At most 64 bytes, the limit of Telegram. */
  data: string;
  isDanger?: boolean;
}

/** The action of each button about a delivery, by the letter in its data. */
const deeds = {
  a: { label: 'Approve', line: (id: string) => `approve ${id}` },
  r: { label: 'Reject', line: (id: string) => `reject ${id}`, isDanger: true },
  s: { label: 'Skip', line: (id: string) => `skip ${id}` },
  l: { label: 'Later (2h)', line: (id: string) => `move ${id} 2h` },
  g: { label: 'Publish now', line: (id: string) => `now ${id}` },
  t: { label: 'Retry', line: (id: string) => `retry ${id}` },
  w: { label: 'Withdraw', line: (id: string) => `withdraw ${id}`, isDanger: true },
  f: { label: 'Not published', line: (id: string) => `settle ${id} not-released` },
  p: { label: 'Published', line: undefined },
} as const;
type Letter = keyof typeof deeds;

/** The data of a pressed button, parsed. */
export type Pressed =
  | { kind: 'deed'; line: string | undefined; target: string; revision: number; since: Instant }
  | { kind: 'line'; line: string }
  | { kind: 'lead'; line: string; person: string }
  | { kind: 'undo'; command: string }
  | { kind: 'yes' | 'no'; command: string };

/** The answers to a hand-over, by the letter in their data. */
const answers = {
  k: { label: 'I take it', verb: 'take' },
  n: { label: 'Not now', verb: 'later' },
  o: { label: 'Lost', verb: 'lost', isDanger: true },
} as const;
type AnswerLetter = keyof typeof answers;

/** Notices that wait for a word of the operator's, by what their entry is named. */
const waitingFor: [name: RegExp, button: (of: string) => Button][] = [
  [/^people-backlog:/, () => ({ label: 'Send them', data: 'b|backlog' })],
  [/^letters:([\d-]+):made$/, (batch) => ({ label: 'Printed', data: `d|${batch}` })],
];

export const buttonsOfWord = (entry: string): Button[] =>
  waitingFor.flatMap(([name, button]) => {
    const found = name.exec(entry);
    return found ? [button(found[1] ?? '')] : [];
  });

export const leadButtons = (person: string): Button[] =>
  Object.entries(answers).map(([letter, { label, ...rest }]) => ({
    label,
    data: `${letter}|${person}`,
    ...('isDanger' in rest ? { isDanger: true } : {}),
  }));

const mostBytes = 64;

function lettersFor({ state, terms, approvedHash, receipts }: Delivery): Letter[] {
  switch (state) {
    case 'waiting':
    case 'queued':
    case 'planned':
      return terms.approval === true && approvedHash !== terms.hash ? ['a', 'r'] : ['s', 'l', 'g'];
    case 'uncertain':
      return ['p', 'f'];
    case 'failed':
    case 'missed':
      return receipts.length ? ['t'] : ['t', 'w'];
    case 'releasing':
    case 'released':
    case 'skipped':
    case 'expired':
    case 'withdrawn':
      return [];
  }
}

/**
 * The buttons for a delivery in its present state. Each works once: its data contains the revision
 * and the time at which it was shown.
 */
export function buttonsFor(delivery: Delivery, now: Instant): Button[] {
  return lettersFor(delivery).map((letter): Button => {
    const deed = deeds[letter];
    const rest = `|${delivery.revision.toString(36)}|${Math.floor(now / second).toString(36)}`;
    const whole = `${letter}|${delivery.id}${rest}`;
    const data =
      Buffer.byteLength(whole) <= mostBytes ? whole : `${letter}|${shortName(delivery.id)}${rest}`;
    return 'isDanger' in deed
      ? { label: deed.label, data, isDanger: true }
      : { label: deed.label, data };
  });
}

export const undoButton = (command: string): Button => ({ label: 'Undo', data: `u|${command}` });
export const confirmButtons = (command: string): Button[] => [
  { label: 'Yes', data: `y|${command}`, isDanger: true },
  { label: 'No', data: `x|${command}` },
];

const shortName = (id: string) =>
  `#${createHash('sha256').update(id).digest('base64url').slice(0, 20)}`;

/** Undefined: not a button of Dripline. */
export function readButton(data: string): Pressed | undefined {
  const [letter = '', target = '', revision, since] = data.split('|');
  if (!target) return undefined;
  if (letter === 'b') return { kind: 'line', line: 'backlog send' };
  if (letter === 'd') return { kind: 'line', line: `letters printed ${target}` };
  if (Object.hasOwn(answers, letter)) {
    const { verb } = answers[letter as AnswerLetter];
    return { kind: 'lead', line: `${verb} ${target}`, person: target };
  }
  if (letter === 'u') return { kind: 'undo', command: target };
  if (letter === 'y' || letter === 'x')
    return { kind: letter === 'y' ? 'yes' : 'no', command: target };
  if (!Object.hasOwn(deeds, letter) || revision === undefined || since === undefined)
    return undefined;
  const { line } = deeds[letter as Letter];
  return {
    kind: 'deed',
    line: line?.(target),
    target,
    revision: Number.parseInt(revision, 36),
    since: Number.parseInt(since, 36) * second,
  };
}

const pressable = [
  'waiting',
  'queued',
  'planned',
  'uncertain',
  'failed',
  'missed',
  'releasing',
  'released',
  'skipped',
  'withdrawn',
  'expired',
] as const;

/** Whether the surface asks for a URL after this button. */
export const asksUrl = (data: string): boolean => data.startsWith('p|');

/** Whether two buttons are about the same thing: pressing one removes both. */
export const isOfSame = (one: string, other: string): boolean => kin(one) === kin(other);
const kin = (data: string) => data.split('|')[1];

/** The delivery of a button. Ids that are too long for a button are hashed in it. */
export async function findPressed(store: Store, target: string): Promise<Delivery | undefined> {
  if (!target.startsWith('#')) return store.findDelivery(target);
  return (await store.listDeliveries({ states: pressable })).find(
    ({ id }) => shortName(id) === target,
  );
}
