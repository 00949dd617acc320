import type { Handle } from '../../../core/people/person.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import type { PersonReply } from '../../../ports/people/person-reply.ts';
import type { PeopleContext } from '../people-context.ts';

/** What somebody wrote to us, and what is made of it. */
export interface Spoken {
  reply: PersonReply;
  handle: Handle;
  /** Without what is quoted. */
  words: string;
  /** The same however often it is read, and edited. */
  id: string;
}

const longestWords = 500;

/** What an act keeps of what was said. */
export const toAct = ({ clock }: PeopleContext, reply: PersonReply, id: string) => ({
  id,
  at: Math.min(reply.at, clock.now()),
  words: reply.text.slice(0, longestWords),
  ...pickDefined({ url: reply.isPrivate || !reply.url ? undefined : reply.url }),
});
