import type { Agent } from '@atproto/api';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Receipt } from '../../core/post/message.ts';
import { day, type Instant, minute } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Chat, ChatText } from '../../ports/people/chat.ts';
import { PublishError, type PublishOptions } from '../../ports/publisher.ts';
import type { PersonReply } from '../../ports/people/person-reply.ts';
import { lookedUp } from '../publish-error.ts';
import { fieldsOf } from '../stored-payload.ts';
import { isNotServed } from './errors.ts';
import { type Calling, type Self, toReplyAuthor } from './reads.ts';

/** What chat needs of a publisher's calls. */
export interface ChatCalls {
  clock: Clock;
  ask<T>(call: PublishOptions, work: (calling: Calling, who: Self) => Promise<T>): Promise<T>;
  read<T>(signal: AbortSignal, work: (calling: Calling, who: Self) => Promise<T>): Promise<T>;
}

/** Not every app password may chat: that is not asked for again at once. */
const closedFor = day;

/** Bluesky's chat: a service of its own, behind the account's server. */
export function openBlueskyChat(calls: ChatCalls): Chat {
  let closedUntil = -Infinity;
  const { clock, read } = calls;
  /** Undefined: chat is closed to our credential, or this conversation is. */
  const chatting = <T>(
    signal: AbortSignal,
    work: (calling: Calling, who: Self) => Promise<T>,
  ): Promise<T | undefined> =>
    read(signal, async ({ agent }, who) => {
      if (clock.now() < closedUntil) return undefined;
      try {
        return await work({ agent: toChat(agent), signal }, who);
      } catch (error) {
        if (isClosed(error)) closedUntil = clock.now() + closedFor;
        else if (!isRefusedOne(error)) throw error;
        return undefined;
      }
    });
  const convoOf = (person: string, signal: AbortSignal) =>
    chatting(signal, (calling) => findConvo(calling, person));
  return {
    async reaches(person, signal) {
      if (clock.now() < closedUntil) return false;
      if (!(await read(signal, (calling) => takesMessages(calling, person)))) return false;
      return (await convoOf(person, signal)) !== undefined;
    },
    send: (message, options) => sendMessage(calls, message, options),
    lookUp: async ({ person, text }, { since, isTaken, signal }) =>
      chatting(signal, async (calling, { did }) => {
        const convo = await findConvo(calling, person);
        const all = await listMessages(calling, convo, since - 2 * minute);
        for (const one of all)
          if (one.by === did && one.text === text && !(await isTaken(one.id)))
            return { id: one.id, url: '', at: one.at };
        return undefined;
      }),
    replies: async (since, signal) =>
      (await chatting(signal, (calling, who) => listReplies(calling, who, since))) ?? [],
  };
}

const toChat = (agent: Agent): Agent => agent.withProxy('bsky_chat', 'did:web:api.bsky.chat');

/** The credential may not, or the server knows no chat. */
function isClosed(thrown: unknown): boolean {
  const { status, error, message } = fieldsOf(thrown);
  const isOurs = error === 'InvalidToken' && /method|scope/i.test(String(message));
  return isOurs || isNotServed(thrown) || status === 404;
}

const isRefusedOne = (thrown: unknown): boolean => {
  const { status, error } = fieldsOf(thrown);
  return status === 400 && error !== 'ExpiredToken' && error !== 'InvalidToken';
};

/** A person who has set nothing takes messages of those that they follow. */
async function takesMessages({ agent, signal }: Calling, actor: string): Promise<boolean> {
  try {
    const { data } = await agent.app.bsky.actor.getProfile({ actor }, { signal });
    const allowed = data.associated?.chat?.allowIncoming ?? 'following';
    return allowed === 'all' || (allowed === 'following' && data.viewer?.followedBy !== undefined);
  } catch (error) {
    if (isNotServed(error) || isRefusedOne(error)) return false;
    throw error;
  }
}

async function findConvo({ agent, signal }: Calling, person: string): Promise<string> {
  const { data } = await agent.chat.bsky.convo.getConvoForMembers(
    { members: [person] },
    { signal },
  );
  return data.convo.id;
}

async function sendMessage(
  { ask }: ChatCalls,
  { person, text }: ChatText,
  options: PublishOptions,
): Promise<Receipt> {
  const { RichText } = await import('@atproto/api');
  const rich = new RichText({ text });
  rich.detectFacetsWithoutResolution();
  const facets = JSON.parse(JSON.stringify(rich.facets ?? [])) as NonNullable<typeof rich.facets>;
  return ask(options, async ({ agent, signal }) => {
    const calling = { agent: toChat(agent), signal };
    const convoId = await findConvo(calling, person);
    const { data } = await calling.agent.chat.bsky.convo.sendMessage(
      { convoId, message: { text, ...(facets.length > 0 ? { facets } : {}) } },
      { signal, encoding: 'application/json' },
    );
    if (typeof data.id !== 'string')
      throw new PublishError('unknown', 'Bluesky answered without the id of the message', {
        advice: lookedUp,
      });
    return { id: data.id, url: '', at: Date.parse(data.sentAt) || 0 };
  });
}

interface Said {
  id: string;
  by: string;
  text: string;
  at: Instant;
}

const mostPages = 20;

/** Of one conversation since an instant, oldest first. */
async function listMessages(
  { agent, signal }: Calling,
  convoId: string,
  since: Instant,
): Promise<Said[]> {
  const found: Said[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const params = { convoId, limit: 100, ...pickDefined({ cursor }) };
    const { data } = await agent.chat.bsky.convo.getMessages(params, { signal });
    const said = data.messages.flatMap((one) => toSaid(one) ?? []);
    found.push(...said.filter(({ at }) => at >= since));
    cursor = data.cursor;
    if (!cursor || said.length === 0 || said.some(({ at }) => at < since)) break;
  }
  return found.sort((a, b) => a.at - b.at);
}

/** Undefined: it was deleted, or nobody said it. */
function toSaid(message: unknown): Said | undefined {
  const { id, text, sender, sentAt } = fieldsOf(message);
  const { did } = fieldsOf(sender);
  const at = Date.parse(String(sentAt));
  return typeof id === 'string' && typeof text === 'string' && typeof did === 'string'
    ? { id, by: did, text, at: Number.isNaN(at) ? 0 : at }
    : undefined;
}

/** What others wrote to us, and to nobody else. */
async function listReplies(
  calling: Calling,
  { did }: Self,
  since: Instant,
): Promise<PersonReply[]> {
  const { agent, signal } = calling;
  const replies: PersonReply[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const params = { limit: 100, ...pickDefined({ cursor }) };
    const { data } = await agent.chat.bsky.convo.listConvos(params, { signal });
    const fresh = data.convos.filter(({ lastMessage }) => sentAt(lastMessage) >= since);
    for (const { id, members } of fresh) {
      const others = members.filter((one) => one.did !== did);
      const [other] = others;
      if (!other || others.length > 1) continue;
      const said = await listMessages(calling, id, since);
      const author = toReplyAuthor(other);
      for (const one of said.filter(({ by }) => by === other.did))
        replies.push({
          id: one.id,
          url: '',
          at: one.at,
          by: other.handle,
          author,
          text: one.text,
          isPrivate: true,
        });
    }
    cursor = data.cursor;
    // The newest stand first.
    if (!cursor || fresh.length < data.convos.length) break;
  }
  return replies.sort((a, b) => a.at - b.at);
}

const sentAt = (message: unknown): Instant => Date.parse(String(fieldsOf(message)['sentAt'])) || 0;
