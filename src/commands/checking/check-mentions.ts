import type { Account } from '../../core/network/account.ts';
import { networkNames } from '../../core/network/network.ts';
import { hostOf } from '../../core/network/post-address.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import type { Problem } from '../../core/problem.ts';
import type { Mentions } from '../../core/text/mention-rules.ts';

export interface ComposedText {
  account: Account;
  /** Which run or follow-up of the post it is. */
  message: string;
  text: string;
}

/** What is written like a mention, and whom it addresses where. */
interface Written {
  word: string;
  address: string;
  /** `X`, or the server whose people it addresses. */
  where: string;
  /** `mentions` has this address. */
  isKnown: boolean;
}

/** Notes each mention that addresses somebody else on another network than where it was meant. */
export function noteMentions(
  texts: ComposedText[],
  { file, mentions }: { file: string; mentions: Mentions },
): Problem[] {
  const byMessage = Map.groupBy(texts, ({ message }) => message);
  const notes = [...byMessage.values()].flatMap((all) => {
    const found = all.flatMap((one) => findWritten(one, mentions));
    return [...Map.groupBy(found, ({ word }) => word)].flatMap(([word, them]) =>
      tellWord(word, them),
    );
  });
  return [...new Set(notes)].map((what) => ({
    where: file,
    what,
    hint: 'write {{@name}} with mentions in the configuration, or a text for each network',
    severity: 'note',
  }));
}

function findWritten({ account, text }: ComposedText, mentions: Mentions): Written[] {
  const { network, baseUrl } = account;
  const known = new Set(Object.values(mentions).map((one) => one[network]?.toLowerCase()));
  return traitsOf(network)
    .mentions.find(text)
    .map(({ start, address, isLocal }) => ({
      word: wordAt(text, start),
      address,
      where: isLocal ? hostOf(baseUrl) : networkNames[network],
      isKnown: known.has(address),
    }));
}

/** The whole of what is written there, of which a network may read a part only. */
const wordAt = (text: string, start: number): string =>
  /^[@＠][\p{L}\p{M}\p{N}_]*(?:[.@-]+[\p{L}\p{M}\p{N}_]+)*/u.exec(
    text.slice(start, start + 300),
  )?.[0] ?? '';

function tellWord(word: string, found: Written[]): string[] {
  if (found.every(({ isKnown }) => isKnown)) return [];
  const whole = word.replace('＠', '@').toLowerCase();
  const cut = found.filter(({ address, isKnown }) => !isKnown && address !== whole);
  const places = [...new Set(found.map(({ where }) => where))];
  const parts = [...new Set(cut.map(({ where, address }) => `${address} on ${where}`))];
  if (parts.length > 0) return [`${word} addresses ${parts.join(' and ')}`];
  if (places.length < 2) return [];
  const list = `${places.slice(0, -1).join(', ')} and ${places.at(-1)}`;
  return [`${word} may be different people on ${list}`];
}
