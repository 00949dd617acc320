import type { Answer, Conversation, Desk, Sent } from '../desk.ts';
import { fromSlackText, type SlackFile } from './files.ts';
import { urlPath, toUrlView, toMessage, withoutPressed } from './blocks.ts';

export interface SlackHearing {
  desk: Desk;
  post(url: string, body: object): Promise<void>;
  say(channel: string, body: ReturnType<typeof toMessage>): Promise<void>;
  toSent(files: readonly SlackFile[]): Sent;
  openView(view: ReturnType<typeof toUrlView>, trigger: string): Promise<void>;
}

/** `trigger` is the idempotency key: a repeated event has the same one. */
type Envelope = { user: string; trigger: string } & (
  | { kind: 'command'; text: string; answerTo: string }
  | { kind: 'message'; text: string; channel: string; files: SlackFile[] }
  | { kind: 'action'; value: string; answerTo: string; blocks: Record<string, unknown>[] }
  | { kind: 'view'; delivery: string; url: string; answerTo: string }
);
type Of<Kind extends Envelope['kind']> = Extract<Envelope, { kind: Kind }>;

const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>(
    (from, key) =>
      typeof from === 'object' && from !== null
        ? (from as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );

const textAt = (value: unknown, ...path: (string | number)[]): string => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
};

/** Parses the parts of an event that are used. */
export function readEnvelope(type: string, body: unknown): Envelope | undefined {
  if (type === 'events_api') return readMessage(body);
  const trigger = textAt(body, 'trigger_id');
  if (type === 'slash_commands')
    return {
      kind: 'command',
      user: textAt(body, 'user_id'),
      trigger,
      text: textAt(body, 'text'),
      answerTo: textAt(body, 'response_url'),
    };
  if (type !== 'interactive') return undefined;
  const user = textAt(body, 'user', 'id');
  if (textAt(body, 'type') === 'block_actions') {
    const blocks = at(body, 'message', 'blocks');
    return {
      kind: 'action',
      user,
      trigger,
      value: textAt(body, 'actions', 0, 'value'),
      answerTo: textAt(body, 'response_url'),
      blocks: Array.isArray(blocks) ? (blocks as Record<string, unknown>[]) : [],
    };
  }
  if (textAt(body, 'type') !== 'view_submission') return undefined;
  const kept = readKept(textAt(body, 'view', 'private_metadata'));
  return (
    kept && {
      kind: 'view',
      user,
      trigger,
      url: textAt(body, 'view', 'state', 'values', ...urlPath, 'value'),
      ...kept,
    }
  );
}

/** Written to the app, or with its name; not what an app has written, and not what was changed. */
function readMessage(body: unknown): Of<'message'> | undefined {
  const event = at(body, 'event');
  const [type, subtype] = [textAt(event, 'type'), textAt(event, 'subtype')];
  const isToUs =
    type === 'app_mention' || (type === 'message' && textAt(event, 'channel_type') === 'im');
  const isWritten = subtype === '' || subtype === 'file_share';
  if (!isToUs || !isWritten || textAt(event, 'bot_id') !== '') return undefined;
  const files = at(event, 'files');
  return {
    kind: 'message',
    user: textAt(event, 'user'),
    trigger: textAt(body, 'event_id'),
    text: fromSlackText(textAt(event, 'text')),
    channel: textAt(event, 'channel'),
    files: (Array.isArray(files) ? (files as unknown[]) : []).map((file) => ({
      name: textAt(file, 'name') || 'picture',
      url: textAt(file, 'url_private_download') || textAt(file, 'url_private'),
      size: Number(at(file, 'size')) || 0,
      alt: textAt(file, 'alt_txt'),
    })),
  };
}

function readKept(text: string): { delivery: string; answerTo: string } | undefined {
  try {
    const kept: unknown = JSON.parse(text);
    return { delivery: textAt(kept, 'delivery'), answerTo: textAt(kept, 'answerTo') };
  } catch {
    return undefined;
  }
}

export const nameOf = (user: string): string => `slack:${user}`;

export async function hearEnvelope(hearing: SlackHearing, said: Envelope): Promise<void> {
  const { user, trigger } = said;
  const conversation = hearing.desk.hear({ by: nameOf(user), command: `slack:${trigger}` });
  if (!conversation) return;
  if (said.kind === 'action') return hearAction(hearing, conversation, said);
  if (said.kind === 'message') {
    const answer = await conversation.answer(said.text, hearing.toSent(said.files));
    return hearing.say(said.channel, toMessage(answer));
  }
  const answer =
    said.kind === 'command'
      ? await conversation.answer(said.text)
      : await conversation.settle(said.delivery, said.url);
  await hearing.post(said.answerTo, toAnswer(answer));
}

async function hearAction(
  { post, openView }: SlackHearing,
  conversation: Conversation,
  said: Of<'action'>,
): Promise<void> {
  const answer = await conversation.press(said.value);
  if (answer.asksFor)
    return openView(toUrlView(answer.asksFor.delivery, said.answerTo), said.trigger);
  if (said.blocks.length && (answer.isRefusal !== true || answer.isDone === true))
    await post(said.answerTo, {
      replace_original: true,
      blocks: withoutPressed(said.blocks, said.value),
    });
  await post(said.answerTo, toAnswer(answer));
}

/** Everyone in the channel sees changes. Only the sender sees other answers and refusals. */
const toAnswer = (answer: Answer) => ({
  response_type: answer.isDeed === true ? 'in_channel' : 'ephemeral',
  replace_original: false,
  ...toMessage(answer),
});
