import type { Update } from 'grammy/types';
import { pickDefined } from '../../core/pick-defined.ts';
import { day, minute, second, formatLocal } from '../../core/time.ts';
import { type Button, isOfSame } from '../buttons.ts';
import { findAlbumDraft } from '../../commands/writing/sent-draft.ts';
import type { Answer, Conversation, DeskParts, Desk, Sent } from '../desk.ts';
import { photosIn } from './photos.ts';
import {
  forGrammy,
  passOver,
  type Letter,
  patiently,
  type Sending,
  answerLetter,
  toKeyboard,
} from './send.ts';

export interface Hearing {
  desk: Desk;
  context: Pick<DeskParts['context'], 'store' | 'clock' | 'settings'>;
  sending: Sending;
  filesAt: string;
  /** Of the bot. In groups a command may be for another bot. */
  username: string;
}

/** One person's message, and the way to answer it. */
interface Heard extends Omit<Hearing, 'desk'> {
  conversation: Conversation;
  by: string;
}

/** A command that waited longer, while Dripline was down, is not carried out. */
const lateAfter = 10 * minute;
const askedFor = day;
const mostToast = 190;

export const nameOf = (user: number): string => `telegram:${user}`;

/** Acts on one update, once. */
export async function handleUpdate(hearing: Hearing, update: Update): Promise<void> {
  const { desk, ...rest } = hearing;
  const { message, callback_query: press, update_id } = update;
  const from = message?.from ?? press?.from;
  if (!from || from.is_bot) return;
  // Written by someone else, whoever passed it on.
  if (message?.forward_origin !== undefined || message?.via_bot !== undefined) return;
  const by = nameOf(from.id);
  const conversation = desk.hear({ by, command: `telegram:${update_id}` });
  if (!conversation) return;
  const heard: Heard = { ...rest, conversation, by };
  if (press) await hearPress(heard, press);
  else if (message) await hearMessage(heard, message);
}

type Said = NonNullable<Update['message']> & { text: string; sent?: Sent };

/** Words, or a picture with its caption. Of an album only one picture has a caption. */
async function hearMessage(heard: Heard, message: NonNullable<Update['message']>): Promise<void> {
  if (message.text !== undefined) return hearLine(heard, { ...message, text: message.text });
  const sent = photosIn(heard, message);
  if (!sent.pictures) return;
  const { caption: text } = message;
  if (text !== undefined) return hearLine(heard, { ...message, text, sent });
  if (sent.album !== undefined) return hearMore(heard, { ...message, sent });
  if (message.chat.type === 'private')
    await answerLetter(heard.sending, message.chat.id, { text: withoutCaption });
}

const withoutCaption =
  'This picture or video has no caption. Send it again with a caption such as "/new" and the ' +
  'text of the post: it becomes a draft with the file.';

/** A further picture of an album goes to the draft that the album began, or is passed over. */
async function hearMore(heard: Heard, said: Omit<Said, 'text'> & { sent: Sent }): Promise<void> {
  const { context, by, conversation, sending } = heard;
  const draft = await findAlbumDraft({ ...context, by }, said.sent.album ?? '');
  if (draft === undefined) return;
  const answer = await conversation.answer('/new', said.sent);
  await answerLetter(sending, said.chat.id, inTopic(answer, said));
}

async function hearLine(heard: Heard, said: Said): Promise<void> {
  const { text, chat } = said;
  const { sending, username } = heard;
  const asked = isUrl(text) ? await findAsked(heard) : undefined;
  if (asked === undefined && chat.type !== 'private' && !text.startsWith('/')) return;
  const other = /^\/\w+@(\w+)/.exec(text)?.[1];
  if (other !== undefined && other.toLowerCase() !== username.toLowerCase()) return;
  const answer = await answerTo(heard, said, asked);
  await answerLetter(sending, chat.id, inTopic(answer, said));
  if (asked !== undefined && answer.isRefusal !== true) await forgetAsked(heard);
}

const isUrl = (text: string) => /^https?:\S+$/i.test(text.trim());
/** A pause is always wanted, and a draft does no harm. */
const isAnyTime = (text: string) => /^\/?(drip\s+)?(?:pause|new)\b/i.test(text);

/** `asked`: the delivery whose URL the person was asked for. */
async function answerTo(
  { conversation, context: { clock, settings } }: Heard,
  { text, date, sent }: Said,
  asked: string | undefined,
): Promise<Answer> {
  const at = date * second;
  if (clock.now() - at > lateAfter && !isAnyTime(text)) {
    const sent = `You sent this ${formatLocal(at, settings.zone)}, when Dripline was not running.`;
    return {
      text: `${sent} Please send it again if you still want it.`,
      buttons: [],
      pictures: [],
    };
  }
  return asked === undefined ? conversation.answer(text, sent) : conversation.settle(asked, text);
}

const askedKey = (by: string) => `address:${by}`;

async function findAsked({ context, by }: Heard): Promise<string | undefined> {
  const { store, clock } = context;
  const fact = await store.findFact<{ delivery: string; at: number }>(askedKey(by));
  return fact && fact.value.at > clock.now() - askedFor ? fact.value.delivery : undefined;
}

async function forgetAsked({ context: { store }, by }: Heard): Promise<void> {
  const fact = await store.findFact(askedKey(by));
  if (fact) await store.removeFact(fact.key, fact.revision);
}

async function keepAsked({ context, by }: Heard, delivery: string): Promise<void> {
  const { store, clock } = context;
  const fact = await store.findFact(askedKey(by));
  await store.putFact(askedKey(by), { delivery, at: clock.now() }, fact?.revision ?? 0);
}

type Press = NonNullable<Update['callback_query']>;

async function hearPress(heard: Heard, press: Press): Promise<void> {
  const { conversation, sending } = heard;
  const { data = '', message } = press;
  const answer = await conversation.press(data);
  if (answer.asksFor) await keepAsked(heard, answer.asksFor.delivery);
  await showToast(sending, press, answer);
  if (!message) return;
  if (answer.isRefusal !== true || answer.isDone === true) await removePressed(sending, press);
  if (answer.isRefusal !== true)
    await answerLetter(
      sending,
      message.chat.id,
      inTopic({ ...answer, asks: answer.asksFor !== undefined }, message),
    );
}

/** A message in a forum is answered in its topic. */
const inTopic = (
  letter: Letter,
  said: { message_thread_id?: number; is_topic_message?: boolean },
): Letter =>
  pickDefined({
    ...letter,
    topic: said.is_topic_message === true ? said.message_thread_id : undefined,
  });

async function showToast(sending: Sending, { id }: Press, answer: Answer): Promise<void> {
  const text = [...answer.text].slice(0, mostToast).join('');
  const toast = answer.isRefusal === true ? { text, show_alert: answer.isDone !== true } : {};
  await patiently(sending, () =>
    sending.api.answerCallbackQuery(id, toast, forGrammy(sending.signal)),
  ).catch(passOver);
}

/** The answer is a separate message, with its own Undo. */
async function removePressed(sending: Sending, { data = '', message }: Press): Promise<void> {
  if (!message) return;
  const before = 'reply_markup' in message ? (message.reply_markup?.inline_keyboard ?? []) : [];
  const markup = { reply_markup: toKeyboard(buttonsLeft(before, data)) };
  await patiently(sending, () =>
    sending.api.editMessageReplyMarkup(
      message.chat.id,
      message.message_id,
      markup,
      forGrammy(sending.signal),
    ),
  ).catch(passOver);
}

const buttonsLeft = (
  keyboard: readonly { text: string; callback_data?: string }[][],
  pressed: string,
): Button[] =>
  keyboard
    .flat()
    .flatMap(({ text, callback_data }) =>
      callback_data === undefined || isOfSame(callback_data, pressed)
        ? []
        : [{ label: text, data: callback_data }],
    );
