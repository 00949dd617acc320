import { codesIn, withoutCodes } from '../../core/clicks/counted-link.ts';
import type { Delivery } from '../../core/delivery/delivery.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Message } from '../../core/post/message.ts';
import type { Settings } from '../../core/settings.ts';
import type { OwnPost } from '../../ports/publisher.ts';
import type { Context } from '../context.ts';
import { keepLink } from './counted-links.ts';

/** Texts that may be the same post: counted links are alike, since a lost store made others. */
export function openTextKey({ links }: Pick<Settings, 'links'>): (text: string) => string {
  return links ? (text) => normalise(withoutCodes(text, links.url)) : normalise;
}

/** Without those that say exactly this, with this very link. */
export function dropSame(strange: Map<string, OwnPost[]>, key: string, text: string): void {
  const left = strange.get(key)?.filter((one) => normalise(one.text) !== normalise(text)) ?? [];
  if (left.length > 0) strange.set(key, left);
  else strange.delete(key);
}

interface Standing {
  /** By their key, newest first. Each is taken once. */
  strange: ReadonlyMap<string, OwnPost[]>;
  /** What the delivery would say, with counted links and without. */
  messages: readonly Message[];
}

/**
 * The post on the timeline that says what the delivery would say. A counted link of a store that
 * was lost leads to its target again.
 */
export async function takeStanding(
  context: Context,
  delivery: Delivery,
  { strange, messages }: Standing,
): Promise<OwnPost | undefined> {
  const keyOf = openTextKey(context.settings);
  for (const message of messages) {
    const all = strange.get(keyOf(message.parts[0]?.text ?? '')) ?? [];
    for (const one of all.toReversed()) {
      const codes = codesOf(one, context.settings);
      if (!(await mayBe(context, delivery, codes))) continue;
      all.splice(all.indexOf(one), 1);
      const { counted } = messages[0] ?? {};
      for (const code of counted ? codes : [])
        await keepLink(
          context,
          delivery,
          pickDefined({ counted: counted && { ...counted, code } }),
        );
      return one;
    }
  }
  return undefined;
}

const codesOf = ({ text }: OwnPost, { links }: Settings): string[] =>
  links ? codesIn(text, links.url) : [];

/** A code that the store knows is that of one delivery. */
async function mayBe({ store }: Context, { id }: Delivery, codes: string[]): Promise<boolean> {
  for (const code of codes) {
    const link = await store.findLink(code);
    if (link && link.delivery !== id) return false;
  }
  return true;
}

const normalise = (text: string) => text.normalize('NFC').replaceAll(/\s+/g, ' ').trim();
