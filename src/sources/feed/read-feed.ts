import { withoutCredentials } from '../../core/text/credentials.ts';
import type { GetAnswer } from '../../io/guarded-get.ts';
import { inWorker, WorkerError } from '../../io/worker/in-worker.ts';
import type { Task } from '../../ports/aside.ts';
import { FeedError, type ReadFeed } from './feed-items.ts';
import { readJsonFeed } from './feed-json.ts';
import { decodeFeed } from './feed-decode.ts';
import { readXmlFeed, tellWebPage } from './feed-xml.ts';
import { type Entry, toEntries } from './item-identity.ts';

type Answered = Pick<GetAnswer, 'body' | 'headers' | 'url'>;

export interface ReadEntries extends Omit<ReadFeed, 'items'> {
  entries: Entry[];
}

/** What is larger is read beside everything else, in bytes. */
const mostAtOnce = 64 * 1024;
const deadlineMs = 30_000;
/** More than any archive has. Whoever sends more than that sends something else. */
const mostItems = 20_000;

/** The entries of a feed of any size; nothing else waits for a large one. Throws FeedError. */
export async function readEntries({ body, headers, url }: Answered): Promise<ReadEntries> {
  const answer = { body, headers, url };
  const read = await (body.length <= mostAtOnce
    ? tryToRead(answer)
    : inWorker(reading, answer, { deadlineMs }).catch(tellEnd));
  if ('complaint' in read) throw new FeedError(read.complaint);
  return read;
}

type TriedToRead = ReadEntries | { complaint: string };

/** An error's kind would not come across a thread. */
export async function tryToRead(answer: Answered): Promise<TriedToRead> {
  try {
    const { items, ...feed } = await readFeed({ ...answer, body: Buffer.from(answer.body) });
    if (items.length > mostItems) return { complaint: tellMany(items.length) };
    return { ...feed, entries: toEntries(items) };
  } catch (error) {
    if (error instanceof FeedError) return { complaint: error.message };
    throw error;
  }
}

const reading: Task<Answered, TriedToRead> = { module: import.meta.url, name: tryToRead.name };

const tellMany = (count: number) =>
  `the answer has ${count} items, and at most ${mostItems} are read: choose an address with fewer`;

function tellEnd(error: unknown): TriedToRead {
  if (!(error instanceof WorkerError)) throw error;
  return { complaint: `the answer ${error.message} to read: is this a feed?` };
}

/**
 * RSS 0.9 to 2, RDF, Atom or JSON Feed, by what the bytes are and not by what they are called.
 * Throws FeedError.
 */
export async function readFeed({ body, headers, url }: Answered): Promise<ReadFeed> {
  // Relative links must not carry the feed's credentials.
  const base = withoutCredentials(url);
  const text = decodeFeed(body, headers['content-type'] ?? '').trimStart();
  if (text === '') throw new FeedError('the answer is empty');
  if (text.startsWith('{')) return readJsonFeed(text, base);
  if (/^(?:<\?xml[^>]*>\s*)?(?:<!doctype html|<html)[\s>]/i.test(text.slice(0, 2000)))
    throw new FeedError(tellWebPage(text, base));
  if (!text.startsWith('<'))
    throw new FeedError('the answer is neither XML nor JSON: check the URL');
  return readXmlFeed(text, base);
}
