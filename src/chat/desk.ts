import type { Command, CommandContext } from '../commands/command.ts';
import { inManner, type Manner, parseLine, tellHelp, tellRefusal } from '../commands/vocabulary.ts';
import type { Delivery } from '../core/delivery/delivery.ts';
import type { JournalEntry } from '../core/journal.ts';
import { day, type Instant } from '../core/time.ts';
import type { Images } from '../ports/images.ts';
import {
  type Button,
  buttonsFor,
  confirmButtons,
  findPressed,
  readButton,
  undoButton,
} from './buttons.ts';
import { type Picture, picturesOf } from './pictures.ts';

/**
 * One thing said by one person. `command` names it for good: what comes in twice under the same
 * name is done once.
 */
export interface Speech {
  by: string;
  command: string;
}

export interface Answer {
  text: string;
  buttons: Button[];
  pictures: Picture[];
  /** Nothing was done: it cannot be done, or (`isDone`) was done before. */
  isRefusal?: boolean;
  isDone?: boolean;
  /** Something was changed. */
  isDeed?: boolean;
  /** The person has to tell where this delivery stands. */
  asksFor?: { delivery: string };
}

export interface DeskParts {
  context: Omit<CommandContext, 'by' | 'command'>;
  manner: Manner;
  images: Images;
}

/**
 * What a surface hands its people's words to. Refusals are answers; what is thrown is trouble with
 * the store, or a fault.
 */
export interface Desk {
  answer(speech: Speech, line: string): Promise<Answer>;
  press(speech: Speech, data: string): Promise<Answer>;
  /** The address that was asked for: where an uncertain release stands. */
  settle(speech: Speech, delivery: string, url: string): Promise<Answer>;
  /** What may be done about the one delivery that a notice is about. */
  buttonsOf(entries: readonly JournalEntry[]): Promise<Button[]>;
}

/** These only look. */
const looking = new Set(['status', 'queue', 'next', 'show', 'plan', 'journal', 'stats']);
export const isLook = (verb: string): boolean => looking.has(verb) || verb === 'help';
const withoutUndo = new Set(['now', 'undo', 'settle', 'mute', 'unmute']);
/** Nobody else waits longer for an outcome. */
const waitSeconds = '10';
const rememberedFor = 2 * day;

const plain = (text: string): Answer => ({ text, buttons: [], pictures: [] });
const refusal = (text: string): Answer => ({ ...plain(text), isRefusal: true });
const doneBefore = (how: string): Answer => ({
  ...refusal(`Done already: ${how.replace(/\.$/, '')}.`),
  isDone: true,
});

export function openDesk(parts: DeskParts): Desk {
  const { context, manner } = parts;
  const { store, clock } = context;
  const guarded = async (work: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await work();
    } catch (error) {
      const told = tellRefusal(error, manner);
      if (told === undefined) throw error;
      return refusal(told);
    }
  };
  return {
    answer: (speech, line) => guarded(() => answerLine(parts, speech, line)),
    press: (speech, data) => guarded(() => pressButton(parts, speech, data)),
    settle: (speech, delivery, url) =>
      guarded(() => answerLine(parts, speech, `settle "${delivery}" released "${url.trim()}"`)),
    async buttonsOf(entries) {
      const [first, ...more] = entries;
      const delivery =
        first?.delivery === undefined || more.length
          ? undefined
          : await store.findDelivery(first.delivery);
      return delivery && first && ['uncertain', 'failed', 'missed'].includes(first.type)
        ? buttonsFor(delivery, clock.now())
        : [];
    },
  };
}

async function answerLine(
  parts: DeskParts,
  speech: Speech,
  line: string,
  isSure = false,
): Promise<Answer> {
  const { context, manner } = parts;
  const said = parseLine(line, manner);
  if (said.kind === 'help') return plain(tellHelp(said.verb, manner));
  const { command, input } = said;
  if (!looking.has(command.name)) {
    const done = await findDone(context, speech);
    if (done) return doneBefore(done.text ?? done.type);
  }
  const question =
    command.confirm && input.options['yes'] !== true && !isSure
      ? command.confirm(input)
      : undefined;
  if (question !== undefined) return ask(parts, speech, line, question);
  if (command.options?.some(({ name }) => name === '--wait')) input.options['wait'] ??= waitSeconds;
  const reply = await command.run({ ...context, ...speech }, input);
  const text = inManner(reply.text, manner);
  if (looking.has(command.name)) return { text, ...(await lookedAt(parts, command, reply.json)) };
  return {
    ...plain(text),
    isDeed: true,
    buttons: reply.hasFailed || withoutUndo.has(command.name) ? [] : [undoButton(speech.command)],
  };
}

/** The store remembers who was asked what, so that a yes counts once, and after a restart too. */
const askKey = (command: string) => `ask:${command}`;

interface Asked {
  line: string;
  by: string;
  at: Instant;
}

async function ask(
  { context: { store, clock } }: DeskParts,
  { by, command }: Speech,
  line: string,
  question: string,
): Promise<Answer> {
  for (const fact of await store.listFacts<Asked>(askKey('')))
    if (fact.value.at < clock.now() - rememberedFor)
      await store.removeFact(fact.key, fact.revision);
  await store.putFact(askKey(command), { line, by, at: clock.now() } satisfies Asked, 0);
  return { ...plain(question), buttons: confirmButtons(command) };
}

/** What was done under this name before: in the journal. */
async function findDone(
  { store, clock }: DeskParts['context'],
  { by, command }: Speech,
): Promise<JournalEntry | undefined> {
  const entries = await store.listJournal({ by, since: clock.now() - rememberedFor });
  return entries.find(({ data }) => data?.['command'] === command || data?.['saidAs'] === command);
}

const nothingDone = 'Nothing was done';

async function pressButton(parts: DeskParts, speech: Speech, data: string): Promise<Answer> {
  const { context } = parts;
  const done = await findDone(context, speech);
  if (done) return doneBefore(done.text ?? done.type);
  const pressed = readButton(data);
  if (!pressed) return refusal(`${nothingDone}: this button is from another version of Dripline.`);
  if (pressed.kind === 'undo') return pressUndo(parts, speech, pressed.command);
  if (pressed.kind !== 'deed') return pressConfirm(parts, speech, pressed);
  const delivery = await findPressed(context.store, pressed.target);
  if (!delivery) return refusal(`${nothingDone}: it is gone.`);
  const stale =
    delivery.revision === pressed.revision
      ? undefined
      : await whyStale(context, delivery, pressed.since);
  if (stale !== undefined) return doneBefore(stale);
  if (pressed.line === undefined) {
    if (delivery.state !== 'uncertain') return doneBefore(`${delivery.id} is ${delivery.state}`);
    return {
      ...plain(`Where does ${delivery.id} stand? Its address, please.`),
      asksFor: { delivery: delivery.id },
    };
  }
  return answerLine(parts, speech, pressed.line.replace(pressed.target, delivery.id));
}

/**
 * A plan made anew changes a delivery too, and makes no button old: a person's word does, and
 * whatever became of it since.
 */
async function whyStale(
  { store }: DeskParts['context'],
  delivery: Delivery,
  since: Instant,
): Promise<string | undefined> {
  const entries = await store.listJournal({ delivery: delivery.id, since });
  const word = entries.findLast(
    ({ type, data }) => data?.['command'] !== undefined || type === 'undone',
  );
  if (word) return word.text ?? word.type;
  return ['waiting', 'queued', 'planned'].includes(delivery.state)
    ? undefined
    : `${delivery.id} is ${delivery.state} by now`;
}

async function pressUndo(parts: DeskParts, speech: Speech, command: string): Promise<Answer> {
  const { store } = parts.context;
  const entries = await store.listJournal({ by: speech.by, limit: 500 });
  const undone = new Set(
    entries.filter(({ type }) => type === 'undone').map(({ data }) => data?.['undid']),
  );
  if (undone.has(command)) return doneBefore('it was taken back');
  const last = entries.findLast(
    ({ type, data }) =>
      type !== 'undone' && data?.['command'] !== undefined && !undone.has(data['command']),
  );
  if (!entries.some(({ data }) => data?.['command'] === command))
    return refusal(`${nothingDone}: only the person who said it can take it back.`);
  if (last?.data?.['command'] !== command)
    return refusal(
      `${nothingDone}: you have said more since, and only the last word can be taken back: ${last?.text ?? ''}.`,
    );
  return answerLine(parts, speech, 'undo');
}

async function pressConfirm(
  parts: DeskParts,
  speech: Speech,
  { kind, command }: { kind: 'yes' | 'no'; command: string },
): Promise<Answer> {
  const { store } = parts.context;
  const fact = await store.findFact<Asked>(askKey(command));
  if (!fact) return doneBefore('this question was answered');
  if (fact.value.by !== speech.by) return refusal(`${nothingDone}: somebody else was asked that.`);
  if (!(await store.removeFact(fact.key, fact.revision)))
    return doneBefore('this question was answered');
  return kind === 'no' ? plain('Not done.') : answerLine(parts, speech, fact.value.line, true);
}

const mostButtons = 3;

/** A preview comes with its pictures, and with what may be done about it. */
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
  return {
    buttons: sets.flatMap(({ one, buttons }) =>
      buttons.map((button) =>
        sets.length > 1 ? { ...button, label: `${button.label}: ${one.id}` } : button,
      ),
    ),
    pictures: await picturesOf(context.store, images, deliveries),
  };
}
