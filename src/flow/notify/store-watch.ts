import { type Instant, minute, second } from '../../core/time.ts';
import { within } from '../../ports/deadline.ts';
import type { Notice, NoticeChannel } from '../../ports/notice-channel.ts';
import { StoreError, type StoreErrorKind } from '../../ports/store.ts';
import type { Context } from '../context.ts';
import { factKey, readFact } from '../facts.ts';
import { type ServiceFact, servicePrefix } from '../service-fact.ts';

type Watching = Pick<Context, 'store' | 'clock' | 'log' | 'worker'>;

const lookEvery = 30 * second;
const beatsWithin = 30 * second;
/** What does not pass by itself is told soon, a store that is away when it stays away. */
const patienceFor = (kind: StoreErrorKind | undefined) =>
  kind === 'full' || kind === 'read-only' || kind === 'broken' ? minute : 10 * minute;
const askFor = 15 * second;

interface Trouble {
  since: Instant;
  /** The channels that know. */
  told: Set<NoticeChannel>;
}

/**
 * A store that takes no writes can keep no notice: this one is told past it, once to each channel,
 * and once when it is over.
 */
export function openStoreWatch(
  context: Watching,
  channels: readonly NoticeChannel[],
  signal: AbortSignal,
): () => Promise<void> {
  const { clock } = context;
  const startedAt = clock.now();
  let lookedAt = clock.monotonic();
  let trouble: Trouble | undefined;
  return async () => {
    if (clock.monotonic() - lookedAt < lookEvery) return;
    lookedAt = clock.monotonic();
    const found = await findTrouble(context, startedAt, signal);
    if (found) {
      trouble ??= { since: lookedAt, told: new Set() };
      const { since, told } = trouble;
      if (lookedAt - since < patienceFor(found.kind)) return;
      const untold = channels.filter((one) => !told.has(one));
      const reached = await tellPast(context, untold, { text: toText(found), signal });
      for (const one of reached) told.add(one);
      return;
    }
    const told = trouble?.told ?? new Set<NoticeChannel>();
    const reached = await tellPast(context, [...told], { text: isOver, signal });
    for (const one of reached) told.delete(one);
    if (told.size === 0) trouble = undefined;
  };
}

const isOver = 'the store takes writes again: publishing resumes';

/** The channels that took it. */
async function tellPast(
  { log }: Watching,
  channels: readonly NoticeChannel[],
  { text, signal }: { text: string; signal: AbortSignal },
): Promise<NoticeChannel[]> {
  const notice: Notice = { title: 'Dripline', text, entries: [], isUrgent: true };
  const reached: NoticeChannel[] = [];
  for (const channel of channels) {
    try {
      await within({ signal, limitFor: askFor }, (inTime) => channel.send(notice, inTime));
      reached.push(channel);
    } catch (error) {
      log.info(`${channel.name} was not told: ${String(error)}`);
    }
  }
  return reached;
}

const toText = ({ message }: StoreError) =>
  `the store takes no writes, so nothing is published: ${message}. Until then no notice can be ` +
  'kept, and this one comes past it';

const probe = factKey('notices:probe', 0);

/** Only where the service does not beat is a write tried. */
async function findTrouble(
  { store, clock, worker }: Watching,
  startedAt: Instant,
  signal: AbortSignal,
): Promise<StoreError | undefined> {
  const beat = factKey<ServiceFact | undefined>(`${servicePrefix}${worker}`, undefined);
  try {
    return await within({ signal, limitFor: askFor }, async () => {
      const { beatAt = startedAt } = (await readFact(store, beat)) ?? {};
      if (Math.abs(clock.now() - beatAt) < beatsWithin) return undefined;
      const fact = await store.findFact<number>(probe.key);
      await store.putFact(probe.key, clock.now(), fact?.revision ?? 0);
      return undefined;
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    if (error instanceof StoreError) return error;
    return new StoreError('unavailable', 'it does not answer', error);
  }
}
