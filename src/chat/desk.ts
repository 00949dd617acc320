import { entrySentence } from '../commands/journal-words.ts';
import type { Command, CommandContext, Input } from '../commands/command.ts';
import { withoutUndoHint } from '../commands/undo-hint.ts';
import { inManner, type Manner, parseLine, tellHelp, tellRefusal } from '../commands/vocabulary.ts';
import { type Delivery, isOpen } from '../core/delivery/delivery.ts';
import { commandIn, commandNames, type JournalEntry, undoneCommands } from '../core/journal.ts';
import { day, type Instant } from '../core/time.ts';
import type { Images } from '../ports/images.ts';
import {
  type Button,
  buttonsFor,
  buttonsOfWord,
  confirmButtons,
  findPressed,
  leadButtons,
  type Pressed,
  readButton,
  undoButton,
} from './buttons.ts';
import { type Picture, picturesOf } from './pictures.ts';

/**
 * One message or button press of one person. `command` is its idempotency key: the same key is
 * carried out once.
 */
export interface Speech {
  by: string;
  command: string;
}

export interface Answer {
  text: string;
  buttons: Button[];
  pictures: Picture[];
  /** Nothing was done: it is impossible, or (`isDone`) was done before. */
  isRefusal?: boolean;
  isDone?: boolean;
  /** Something was changed. */
  isDeed?: boolean;
  /** The person has to send the URL of this delivery. */
  asksFor?: { delivery: string };
}

export interface DeskParts {
  context: Omit<CommandContext, 'by' | 'command'>;
  manner: Manner;
  images: Images;
  /** Who may give commands, as `by` names them: `telegram:123456`. */
  allow: readonly string[];
}

/** Turns messages and button presses of a chat into commands and answers. */
export interface Desk {
  /**
   * The only way to the commands. Undefined: this person is not allowed, and must get no answer at
   * all.
   */
  hear(speech: Speech): Conversation | undefined;
  /** The buttons for the one delivery of a notice. */
  buttonsOf(entries: readonly JournalEntry[]): Promise<Button[]>;
}

/** What came with the words. */
export type Sent = Pick<Input, 'pictures' | 'album'>;

/** Refusals are answers. It throws only for errors of the store, and for bugs. */
export interface Conversation {
  answer(line: string, sent?: Sent): Promise<Answer>;
  press(data: string): Promise<Answer>;
  /** The URL of an uncertain delivery, which the person was asked for. */
  settle(delivery: string, url: string): Promise<Answer>;
}

/** These verbs change nothing. */
const looking = new Set(
  'status queue next show plan journal stats people person sequences'.split(' '),
);
/** So do these by themselves. */
const lookingAlone = new Set(['letters', 'backlog']);
export const isLook = (verb: string): boolean => looking.has(verb) || verb === 'help';
const withoutUndo = new Set([
  'now',
  'undo',
  'settle',
  'mute',
  'unmute',
  'new',
  'confirm',
  'forget',
  'backlog',
]);
/** Other people must not wait longer for the result. */
const waitSeconds = '10';
const rememberedFor = 2 * day;

const plain = (text: string): Answer => ({ text, buttons: [], pictures: [] });
const refusal = (text: string): Answer => ({ ...plain(text), isRefusal: true });
const doneBefore = (how: string): Answer => ({
  ...refusal(`Done already: ${how.replace(/\.$/, '')}.`),
  isDone: true,
});

export function openDesk(parts: DeskParts): Desk {
  const allowed = new Set(parts.allow);
  return {
    hear: (speech) => (allowed.has(speech.by) ? converse({ parts, speech }) : undefined),
    buttonsOf: (entries) => buttonsOfNotice(parts, entries),
  };
}

interface Session {
  parts: DeskParts;
  speech: Speech;
}

function converse(session: Session): Conversation {
  const { manner } = session.parts;
  const guarded = async (work: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await work();
    } catch (error) {
      const text = tellRefusal(error, manner);
      if (text === undefined) throw error;
      return refusal(text);
    }
  };
  return {
    answer: (line, sent = {}) => guarded(() => answerLine(session, line, { sent })),
    press: (data) => guarded(() => pressButton(session, data)),
    settle: (delivery, url) =>
      guarded(() => answerLine(session, `settle "${delivery}" released "${url.trim()}"`)),
  };
}

async function buttonsOfNotice(
  { context: { store, clock } }: DeskParts,
  [first, ...more]: readonly JournalEntry[],
): Promise<Button[]> {
  if (first?.type === 'handed-over' && first.person && !more.length)
    return leadButtons(first.person);
  if (first?.type === 'notice' && !more.length) return buttonsOfWord(first.id);
  if (first?.delivery === undefined || more.length) return [];
  if (!['uncertain', 'failed', 'missed'].includes(first.type)) return [];
  const delivery = await store.findDelivery(first.delivery);
  return delivery ? buttonsFor(delivery, clock.now()) : [];
}

/** `isSure`: the person has confirmed it. */
async function answerLine(
  session: Session,
  line: string,
  { isSure = false, sent = {} }: { isSure?: boolean; sent?: Sent } = {},
): Promise<Answer> {
  const { parts, speech } = session;
  const { context, manner } = parts;
  const said = parseLine(line, manner);
  if (said.kind === 'help') return plain(tellHelp(said.verb, manner));
  const { command, input } = said;
  const isLooking =
    looking.has(command.name) || (lookingAlone.has(command.name) && input.args.length === 0);
  const done = isLooking ? undefined : await findDone(session);
  if (done) return doneBefore(entrySentence(done));
  if (command.confirm && input.options['yes'] !== true && !isSure)
    return ask(session, line, command.confirm(input));
  if (command.options?.some(({ name }) => name === '--wait')) input.options['wait'] ??= waitSeconds;
  const reply = await command.run({ ...context, ...speech }, { ...input, ...sent });
  const text = inManner(reply.text, manner);
  if (isLooking) return { text, ...(await lookedAt(parts, command, reply.json)) };
  if (reply.hasFailed || withoutUndo.has(command.name)) return { ...plain(text), isDeed: true };
  const buttons = [undoButton(speech.command)];
  return { ...plain(withoutUndoHint(text)), isDeed: true, buttons };
}

/** Questions are stored, so that a Yes counts once, and also after a restart. */
const askKey = (command: string) => `ask:${command}`;

interface Asked {
  line: string;
  by: string;
  at: Instant;
}

async function ask(
  { parts, speech: { by, command } }: Session,
  line: string,
  question: string,
): Promise<Answer> {
  const { store, clock } = parts.context;
  for (const fact of await store.listFacts<Asked>(askKey('')))
    if (fact.value.at < clock.now() - rememberedFor)
      await store.removeFact(fact.key, fact.revision);
  await store.putFact(askKey(command), { line, by, at: clock.now() } satisfies Asked, 0);
  return { ...plain(question), buttons: confirmButtons(command) };
}

/** The journal entry of an earlier command with the same idempotency key. */
async function findDone({ parts, speech }: Session): Promise<JournalEntry | undefined> {
  const { store, clock } = parts.context;
  const { by, command } = speech;
  const entries = await store.listJournal({ by, since: clock.now() - rememberedFor });
  return entries.find((entry) => commandNames(entry).includes(command));
}

const nothingDone = 'Nothing was done';

async function pressButton(session: Session, data: string): Promise<Answer> {
  const done = await findDone(session);
  if (done) return doneBefore(entrySentence(done));
  const pressed = readButton(data);
  if (!pressed) return refusal(`${nothingDone}: this button is from another version of Dripline.`);
  if (pressed.kind === 'undo') return pressUndo(session, pressed.command);
  if (pressed.kind === 'line') return answerLine(session, pressed.line);
  if (pressed.kind === 'lead') return pressLead(session, pressed);
  if (pressed.kind !== 'deed') return pressConfirm(session, pressed);
  return pressDeed(session, pressed);
}

/** Answered by the first who presses; what has become of the person since then is told. */
async function pressLead(
  session: Session,
  { line, person: id }: Extract<Pressed, { kind: 'lead' }>,
): Promise<Answer> {
  const person = await session.parts.context.store.people.findPerson(id);
  if (!person) return refusal(`${nothingDone}: this person was forgotten.`);
  const { status, takenBy } = person;
  if (takenBy !== undefined) return doneBefore(`${takenBy} looks after ${id}`);
  if (status !== 'handed-over') return doneBefore(`${id} is ${status} by now`);
  return answerLine(session, line);
}

async function pressDeed(
  session: Session,
  { target, revision, since, line }: Extract<Pressed, { kind: 'deed' }>,
): Promise<Answer> {
  const { context } = session.parts;
  const delivery = await findPressed(context.store, target);
  if (!delivery) return refusal(`${nothingDone}: this post no longer exists.`);
  const stale =
    delivery.revision === revision ? undefined : await whyStale(context, delivery, since);
  if (stale !== undefined) return doneBefore(stale);
  if (line !== undefined) return answerLine(session, line.replace(target, delivery.id));
  if (delivery.state !== 'uncertain') return doneBefore(`${delivery.id} is ${delivery.state}`);
  return {
    ...plain(`What is the URL of ${delivery.id}? Please send it.`),
    asksFor: { delivery: delivery.id },
  };
}

/**
 * Rescheduling changes the revision too, and does not make a button stale. A command of a person
 * does, and so does a final state.
 */
async function whyStale(
  { store }: DeskParts['context'],
  delivery: Delivery,
  since: Instant,
): Promise<string | undefined> {
  const entries = await store.listJournal({ delivery: delivery.id, since });
  const last = entries.findLast((entry) => commandIn(entry) || entry.type === 'undone');
  if (last) return last.text ?? last.type;
  return isOpen(delivery.state) ? undefined : `${delivery.id} is ${delivery.state} now`;
}

async function pressUndo(session: Session, command: string): Promise<Answer> {
  const { parts, speech } = session;
  const entries = await parts.context.store.listJournal({ by: speech.by, limit: 500 });
  const undone = undoneCommands(entries);
  if (undone.has(command)) return doneBefore('it was undone');
  if (!entries.some((entry) => commandIn(entry)?.command === command))
    return refusal(`${nothingDone}: only the person who sent this command can undo it.`);
  const last = entries.findLast((entry) => {
    const done = commandIn(entry);
    return done && !undone.has(done.command);
  });
  if (last && commandIn(last)?.command !== command)
    return refusal(
      `${nothingDone}: only your last command can be undone, which was: ${last?.text ?? ''}.`,
    );
  return answerLine(session, 'undo');
}

async function pressConfirm(
  session: Session,
  { kind, command }: { kind: 'yes' | 'no'; command: string },
): Promise<Answer> {
  const { parts, speech } = session;
  const { store } = parts.context;
  const fact = await store.findFact<Asked>(askKey(command));
  if (!fact) return doneBefore(answered);
  if (fact.value.by !== speech.by)
    return refusal(`${nothingDone}: this question is for another person.`);
  if (!(await store.removeFact(fact.key, fact.revision))) return doneBefore(answered);
  return kind === 'no'
    ? plain('Not done.')
    : answerLine(session, fact.value.line, { isSure: true });
}

const answered = 'this question was answered';

const mostButtons = 3;

/** A preview comes with its images and its buttons. */
async function lookedAt(
  { context, images }: DeskParts,
  { name }: Command,
  json: unknown,
): Promise<Pick<Answer, 'buttons' | 'pictures'>> {
  if (name !== 'next' && name !== 'show') return { buttons: [], pictures: [] };
  const rows =
    name === 'next'
      ? (json as { delivery: string }[])
      : (json as { deliveries: { delivery: string }[] }).deliveries;
  const found = await context.store.listDeliveries({
    ids: rows.slice(0, mostButtons).map(({ delivery }) => delivery),
  });
  const deliveries = rows.flatMap(({ delivery }) => found.filter(({ id }) => id === delivery));
  const sets = deliveries
    .map((one) => ({ one, buttons: buttonsFor(one, context.clock.now()) }))
    .filter(({ buttons }) => buttons.length);
  const named = ({ one, buttons }: (typeof sets)[number]) =>
    buttons.map((button) => ({ ...button, label: `${button.label}: ${one.id}` }));
  return {
    buttons: sets.flatMap(sets.length > 1 ? named : ({ buttons }) => buttons),
    pictures: await picturesOf(context.store, images, deliveries),
  };
}
