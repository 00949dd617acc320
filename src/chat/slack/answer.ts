import { setTimeout as delay } from 'node:timers/promises';
import { readAskedWait } from '../../core/network/asked-wait.ts';
import { minute, second } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import { within } from '../../ports/deadline.ts';
import { isFinalStatus, isRefusedForGood, toRefusal } from '../../ports/notice-channel.ts';
import { toPlain } from './blocks.ts';

const callFor = 15 * second;
/** So long Slack takes answers at the URL that it gave for them. */
const holdsFor = 29 * minute;
const longestWait = minute;
const refusedText =
  'The answer could not be shown in Slack. The command line and the dashboard show all of it.';

export interface Posting {
  clock: Clock;
  signal: AbortSignal;
  warn: (error: unknown) => void;
}

/**
 * Posts an answer to the URL that Slack gave for it. After a rate limit or trouble of Slack it is
 * posted again, while other people's messages are heard.
 */
export async function postTo(posting: Posting, url: string, body: object): Promise<void> {
  try {
    const wait = await postOnce(posting, url, body);
    if (wait !== undefined) void postLater(posting, { url, body, wait }).catch(posting.warn);
  } catch (error) {
    if (!isRefusedForGood(error) || !('text' in body)) throw error;
    const rest = { ...body, blocks: undefined, ...toPlain(refusedText) };
    await postOnce(posting, url, rest);
  }
}

async function postLater(
  posting: Posting,
  { url, body, wait: first }: { url: string; body: object; wait: number },
): Promise<void> {
  const until = performance.now() + holdsFor;
  let tries = 1;
  for (let wait: number | undefined = first; wait !== undefined; tries++) {
    const pause = Math.max(wait, Math.min(longestWait, (second / 2) * 2 ** tries));
    if (performance.now() + pause > until)
      throw new Error('Slack did not take the answer in half an hour');
    await delay(pause, undefined, { signal: posting.signal, ref: false });
    wait = await postOnce(posting, url, body);
  }
}

/** Undefined: it is posted. A number: it may be tried again after so many milliseconds. */
async function postOnce(
  { clock, signal }: Posting,
  url: string,
  body: object,
): Promise<number | undefined> {
  const response = await within({ signal, limitFor: callFor }, (inTime) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: inTime,
    }),
  );
  await response.body?.cancel();
  if (response.ok) return undefined;
  const { status, headers } = response;
  if (isFinalStatus(status)) throw toRefusal(`Slack refused the answer (${status})`);
  return readAskedWait(headers.get('retry-after') ?? undefined, clock.now());
}
