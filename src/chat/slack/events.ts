import type { Answer, Desk } from '../desk.ts';
import { addressPath, toAddressView, toMessage, withoutPressed } from './blocks.ts';

export interface SlackHearing {
  desk: Desk;
  allow: readonly string[];
  post(url: string, body: object): Promise<void>;
  openView(view: ReturnType<typeof toAddressView>, trigger: string): Promise<void>;
}

/** `trigger` names the word for good: what is delivered again has the same. */
type Envelope = { user: string; trigger: string } & (
  | { kind: 'command'; text: string; answerTo: string }
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

/** Takes what is used of an event, and nothing on trust. */
export function readEnvelope(type: string, body: unknown): Envelope | undefined {
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
      url: textAt(body, 'view', 'state', 'values', ...addressPath, 'value'),
      ...kept,
    }
  );
}

function readKept(text: string): { delivery: string; answerTo: string } | undefined {
  try {
    const kept: unknown = JSON.parse(text);
    return { delivery: textAt(kept, 'delivery'), answerTo: textAt(kept, 'answerTo') };
  } catch {
    return undefined;
  }
}

const speechOf = ({ user, trigger }: Envelope) => ({
  by: `slack:${user}`,
  command: `slack:${trigger}`,
});

export async function hearCommand(
  { desk, post }: SlackHearing,
  said: Of<'command'>,
): Promise<void> {
  await post(said.answerTo, toAnswer(await desk.answer(speechOf(said), said.text)));
}

export async function hearAction(
  { desk, post, openView }: SlackHearing,
  said: Of<'action'>,
): Promise<void> {
  const answer = await desk.press(speechOf(said), said.value);
  if (answer.asksFor)
    return openView(toAddressView(answer.asksFor.delivery, said.answerTo), said.trigger);
  if (said.blocks.length && (answer.isRefusal !== true || answer.isDone === true))
    await post(said.answerTo, {
      replace_original: true,
      blocks: withoutPressed(said.blocks, said.value),
    });
  await post(said.answerTo, toAnswer(answer));
}

export async function hearView({ desk, post }: SlackHearing, said: Of<'view'>): Promise<void> {
  await post(said.answerTo, toAnswer(await desk.settle(speechOf(said), said.delivery, said.url)));
}

/**
 * What was done all may see who are there; what was looked at, or refused, concerns the speaker
 * alone.
 */
const toAnswer = (answer: Answer) => ({
  response_type: answer.isDeed === true ? 'in_channel' : 'ephemeral',
  replace_original: false,
  ...toMessage(answer),
});
