import { createHash } from 'node:crypto';
import type { Delivery } from '../../core/delivery/delivery.ts';
import type { Message, Part } from '../../core/post/message.ts';
import { type Instant, minute } from '../../core/time.ts';
import type { Upload } from '../../ports/publisher.ts';
import type { Store } from '../../ports/store.ts';
import { changeFact, factKey, readFact } from '../facts.ts';

/** What moves in one delivery, on its way to the network. */
export interface UploadsFact {
  /** The hash of the post that it is for. */
  of: string;
  /** By part and place, such as `0.0`. */
  media: Record<string, SentMedium>;
  /** The network has all of it, or there is a reason why it never will. */
  isDone: boolean;
  /** Why it never will. */
  refused?: string;
  /** In a row, of attempts that ended without an answer. */
  failures: number;
  because?: string;
  /** Not to be gone on with before. */
  nextAt?: Instant;
}

export interface SentMedium {
  /** Of its bytes and all that is said of it. */
  digest: string;
  sentAt: Instant;
  upload: Upload;
}

/** So long before its slot a delivery's media are sent. */
export const aheadFor = 20 * minute;

const prefix = 'uploads:';

export const uploadsFact = (delivery: string) =>
  factKey<UploadsFact>(`${prefix}${delivery}`, { of: '', media: {}, isDone: false, failures: 0 });

export const readUploads = (store: Pick<Store, 'findFact'>, delivery: string) =>
  readFact(store, uploadsFact(delivery));

export const writeUploads = (store: Store, delivery: string, fact: UploadsFact) =>
  changeFact(store, uploadsFact(delivery), () => fact);

/** Uploads that nothing uses are removed by the network itself. */
export async function dropUploads(store: Store, delivery: string): Promise<void> {
  const { key } = uploadsFact(delivery);
  const fact = await store.findFact(key);
  if (fact) await store.removeFact(key, fact.revision);
}

/** Those of deliveries that no longer wait for their release. */
export async function forgetUploads(store: Store): Promise<void> {
  for (const { key } of await store.listFacts<UploadsFact>(prefix)) {
    const id = key.slice(prefix.length);
    const state = (await store.findDelivery(id))?.state;
    if (state !== 'planned' && state !== 'queued' && state !== 'releasing')
      await dropUploads(store, id);
  }
}

/** What is said of a medium goes with it: another text for it is another upload. */
export const digestOf = (
  { rendition, alt, focus, captions }: Part['media'][number],
  { lang, of }: { lang: string | undefined; of: string },
): string =>
  createHash('sha256')
    .update(JSON.stringify([rendition?.sha256, alt, focus, lang, captions && of]))
    .digest('hex');

export const placeOf = (part: number, index: number): string => `${part}.${index}`;

/** Where the network would forget it before it is used. */
const usedWithin = 60_000;

export const isExpired = ({ upload: { expiresAt = Infinity } }: SentMedium, now: Instant) =>
  expiresAt <= now + usedWithin;

/** Whether it may be claimed: its uploads are done, for the text as it is now. */
export async function areUploadsDone(
  store: Pick<Store, 'findFact'>,
  { id, terms }: Delivery,
  now: Instant,
): Promise<boolean> {
  if (!terms.moves) return true;
  const fact = await readUploads(store, id);
  const isCurrent = Object.values(fact.media).every((one) => !isExpired(one, now));
  return fact.isDone && fact.of === terms.hash && (fact.refused !== undefined || isCurrent);
}

/** What the part's moving media have become; undefined: one is not there. */
export function tokensOf(
  fact: UploadsFact,
  { parts, lang }: Message,
  part: number,
): Map<number, unknown> | undefined {
  const tokens = new Map<number, unknown>();
  for (const [index, medium] of (parts[part]?.media ?? []).entries()) {
    if (!medium.rendition?.moves) continue;
    const sent = fact.media[placeOf(part, index)];
    const digest = digestOf(medium, { lang, of: fact.of });
    if (sent?.digest !== digest || !sent.upload.isReady) return undefined;
    tokens.set(index, sent.upload.token);
  }
  return tokens;
}
