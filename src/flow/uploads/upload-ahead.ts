import type { Delivery } from '../../core/delivery/delivery.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Message, Part } from '../../core/post/message.ts';
import { Refusal } from '../../core/problem.ts';
import { minute, second, toIso } from '../../core/time.ts';
import { onClock } from '../../ports/clock.ts';
import { PublishError, type Uploads } from '../../ports/publisher.ts';
import { type Context, makeEntry } from '../context.ts';
import { readAccount } from '../facts.ts';
import { backoffFor } from '../release/back-off.ts';
import { composeFor } from '../release/compose-for.ts';
import type { Route } from '../release/send-parts.ts';
import {
  aheadFor,
  areUploadsDone,
  digestOf,
  isExpired,
  placeOf,
  readUploads,
  type SentMedium,
  type UploadsFact,
  writeUploads,
} from './uploads-fact.ts';

/** So long a network may work on one, in real time. */
const processedWithin = 30 * minute;
const lookGap = second;
/** Someone is told when it went wrong so often in a row. */
const tellAfter = 6;
const mostAtOnce = 5;

/**
 * Sends what moves in the account's next deliveries, and looks how far the network is with it; no
 * claim is held meanwhile. What is ready is released; for what is not an alarm is set.
 */
export async function uploadAhead(
  context: Context,
  account: string,
  signal: AbortSignal,
): Promise<void> {
  const { store, alarms, clock } = context;
  const publisher = context.publishers.get(account);
  const { identity, heldBecause } = await readAccount(store, account);
  if (!publisher || !identity || heldBecause !== undefined) return;
  for (const delivery of await listMoving(context, account)) {
    if (signal.aborted) return;
    const nextAt = await advance(context, delivery, { publisher, signal });
    if (nextAt !== undefined)
      await alarms.set('uploads', account, Math.max(nextAt, clock.now() + onClock(clock, lookGap)));
    else if ((delivery.at ?? 0) <= clock.now()) await alarms.set('release', account, clock.now());
  }
}

/** The account's deliveries that move, are soon due and not yet with the network. */
async function listMoving({ store, clock }: Context, account: string): Promise<Delivery[]> {
  const found = await store.listDeliveries({
    account,
    states: ['planned', 'releasing'],
    dueBy: clock.now() + aheadFor,
    order: 'at',
    limit: 100,
  });
  const open: Delivery[] = [];
  for (const one of found)
    if (open.length < mostAtOnce && !(await areUploadsDone(store, one, clock.now())))
      open.push(one);
  return open;
}

/** When to go on; undefined: it is done. */
async function advance(
  context: Context,
  delivery: Delivery,
  route: Route,
): Promise<number | undefined> {
  const { store, clock } = context;
  const { refused: _refused, ...known } = await readUploads(store, delivery.id);
  const { hash } = delivery.terms;
  const fact: UploadsFact = { ...known, of: hash };
  if (known.of === hash && (known.nextAt ?? 0) > clock.now()) return known.nextAt;
  try {
    // From now on pages say that it is being sent: to make it ready may take minutes.
    if (known.of !== hash) await writeUploads(store, delivery.id, { ...fact, isDone: false });
    const message = delivery.intent?.message ?? (await composeFor(context, delivery, route));
    return await sendAll(context, { delivery, message, fact }, route);
  } catch (error) {
    if (error instanceof Refusal || (error instanceof PublishError && error.kind === 'refused')) {
      const { message: refused } = error;
      await writeUploads(store, delivery.id, { ...fact, media: {}, isDone: true, refused });
      return undefined;
    }
    if (route.signal.aborted) return clock.now();
    return putOff(context, { delivery, fact, error });
  }
}

interface Sending {
  delivery: Delivery;
  message: Message;
  fact: UploadsFact;
}

async function sendAll(
  context: Context,
  { delivery, message, fact }: Sending,
  { publisher, signal }: Route,
): Promise<number | undefined> {
  const { store, clock } = context;
  const media = { ...fact.media };
  const write = (isDone: boolean, nextAt?: number) => {
    const { because: _because, refused: _refused, nextAt: _next, ...rest } = fact;
    const after = pickDefined({ ...rest, media: { ...media }, isDone, failures: 0, nextAt });
    return writeUploads(store, delivery.id, after);
  };
  const nextAts: number[] = [];
  for (const [place, medium] of listPlaces(message)) {
    const uploads = publisher.uploads;
    if (!uploads) throw new Refusal(`this network takes no video: ${medium.src}`);
    const { lang } = message;
    const digest = digestOf(medium, { lang, of: fact.of });
    const known = { digest, before: media[place] };
    const sent = await step(context, { ...known, uploads, medium, lang, signal });
    media[place] = sent;
    if (!sent.upload.isReady) nextAts.push(sent.upload.lookAt ?? clock.now());
    await write(false, Math.min(...nextAts));
  }
  const isDone = nextAts.length === 0;
  await write(isDone, isDone ? undefined : Math.min(...nextAts));
  return isDone ? undefined : Math.min(...nextAts);
}

function* listPlaces({ parts }: Message): Generator<[place: string, Part['media'][number]]> {
  for (const [part, { media }] of parts.entries())
    for (const [index, medium] of media.entries())
      if (medium.rendition?.moves) yield [placeOf(part, index), medium];
}

interface Step {
  uploads: Uploads;
  medium: Part['media'][number];
  lang: string | undefined;
  digest: string;
  before: SentMedium | undefined;
  signal: AbortSignal;
}

/** Sends it where the network does not have it yet, else looks how far it is. */
async function step(
  { clock }: Context,
  { uploads, medium, lang, digest, before, signal }: Step,
): Promise<SentMedium> {
  const now = clock.now();
  if (!before || before.digest !== digest || isExpired(before, now)) {
    const upload = await uploads.send(pickDefined({ medium, lang }), signal);
    return { digest, sentAt: clock.now(), upload };
  }
  if (before.upload.isReady) return before;
  // First a look: Dripline may not have run for hours, while the network was done in a minute.
  const upload = await uploads.look(before.upload.token, signal);
  if (!upload.isReady && now - before.sentAt > onClock(clock, processedWithin))
    throw new Refusal(
      `the network has worked on ${medium.src} for half an hour and is not done. ` +
        'Say `retry` to send it again, or use another file',
    );
  return { ...before, upload };
}

interface PutOff {
  delivery: Delivery;
  fact: UploadsFact;
  error: unknown;
}

/** The network could not be reached, or the disk is full: again, ever more rarely. */
async function putOff(context: Context, { delivery, fact, error }: PutOff): Promise<number> {
  const { store, clock, timing } = context;
  const because = error instanceof Error ? error.message : String(error);
  const failures = fact.failures + 1;
  const until = error instanceof PublishError ? (error.until ?? 0) : 0;
  const nextAt = Math.ceil(
    Math.max(until, clock.now() + onClock(clock, backoffFor(failures, timing))),
  );
  const now = await readUploads(store, delivery.id);
  const { media } = now.of === fact.of ? now : fact;
  const isLost = error instanceof PublishError && error.isUploadLost;
  await writeUploads(store, delivery.id, {
    ...fact,
    media: isLost ? {} : media,
    isDone: false,
    failures,
    because,
    nextAt,
  });
  if (failures === tellAfter) await tell(context, delivery, because);
  return nextAt;
}

async function tell(context: Context, delivery: Delivery, because: string): Promise<void> {
  const { id, account, network, post } = delivery;
  const what = `the video of ${id} could not be sent ${tellAfter} times: ${because}`;
  const text = `${what}. Dripline keeps trying`;
  const entry = { id: `uploads:${id}:${toIso(context.clock.now())}`, account, network, text };
  await context.store.appendJournal([
    makeEntry(context, 'notice', { ...entry, delivery: id, post }),
  ]);
}
