import { toOneLine } from '../mail/mailbox.ts';
import { toOwnWords } from './own-words.ts';

const longest = 60;

/**
 * What somebody is called on a network, as others may read it: without addresses, mentions,
 * pictures in words and signs of markup. Undefined: nothing of it is a name.
 */
export function toDisplayName(written: string | undefined): string | undefined {
  const plain = toOwnWords((written ?? '').slice(0, 300).replaceAll(/:[\w+-]{1,64}:/g, ' '));
  const clean = toOneLine(plain.replaceAll(/[@＠#<>{}[\]()|\\`*_~"/]/g, ' '));
  const name = [...clean].slice(0, longest).join('').trim();
  return /\p{L}/u.test(name) ? name : undefined;
}
