import { chance } from '../../../core/chance.ts';
import { day, hour, type Instant, minute } from '../../../core/time.ts';
import type { Sandbox } from '../../../sandbox/open-sandbox.ts';
import { visitorHandle } from '../../../sandbox/world/visitors.ts';
import { nameOf } from './imagine-people.ts';

/** What a post asks its readers to answer with. */
const asked = /\bAnswer ([A-Z]{3,20})\b/;
const answeredFor = 4 * day;
const mostOf = 2;

const phrases = [
  (word: string) => word,
  (word: string) => `${word}, please!`,
  (word: string) => word.toLowerCase(),
  (word: string) => `${word} 🙏`,
];

type Answering = Pick<Sandbox, 'accepted' | 'speak'>;

/** Who answers which post with its word, and when: the same whenever it is asked. */
export function answersSince(
  { accepted }: Pick<Sandbox, 'accepted'>,
  since: Instant,
): { at: Instant; say(sandbox: Answering): void }[] {
  return accepted().flatMap(({ network, id, text, at, inReplyTo }) => {
    const word = asked.exec(text)?.[1];
    const postedAt = Date.parse(at);
    if (word === undefined || inReplyTo !== undefined || postedAt < since - answeredFor) return [];
    const count = 1 + Math.floor(chance('answers', id) * mostOf);
    return Array.from({ length: count }, (_, i) => {
      const name = nameOf(`${id} ${i}`);
      const number = 100 + Math.floor(chance('visitor', id, i) * 900);
      const phrase = phrases[Math.floor(chance('phrase', id, i) * phrases.length)];
      const visit = {
        network,
        name,
        handle: visitorHandle(network, name, number),
        text: phrase?.(word) ?? word,
        inReplyTo: id,
      };
      // Most soon, and some days later.
      const after = 20 * minute + chance('when', id, i) ** 2 * 60 * hour;
      return {
        at: Math.round(postedAt + after),
        say: (sandbox: Answering) => void sandbox.speak(visit),
      };
    });
  });
}
