import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Network } from '../../core/network/network.ts';
import type { Moves } from '../../core/post/post.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Instant } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SandboxMail } from '../mail/kept-mails.ts';
import { type AcceptedPost, toAccepted } from './accepted-post.ts';
import type { ChatMessage } from './chat-message.ts';
import { createIds, type Ids } from './ids.ts';
import { openLedger, syncFolder } from './ledger.ts';
import { createProcessing, type Processing } from './processing.ts';
import { rowOf, type SandboxAccount } from './network-rows.ts';

export interface Card {
  url: string;
  title: string;
  description: string;
  /** A file in the media folder. */
  image?: string;
}

export interface Picture {
  id: string;
  alt: string;
  mime: string;
  /** Its name in the media folder: the hash of its bytes. */
  file: string;
  /** Absent: a still picture. */
  moves?: Moves;
  /** Languages of a video's captions. */
  captions?: string[];
}

/** A post as a network keeps it. `text` is what the author sent. */
export interface SandboxPost {
  network: Network;
  /** Who the network says that the author is. */
  author: string;
  handle: string;
  /** Somebody of the audience: their name. */
  visitor?: string;
  id: string;
  url: string;
  text: string;
  at: Instant;
  inReplyTo?: string;
  quotes?: string;
  pictures: Picture[];
  card?: Card;
  cw?: string;
  sensitive?: boolean;
  visibility?: string;
  language?: string;
  /** Mastodon's Idempotency-Key. */
  key?: string;
  /** Bluesky: the hash of the record. */
  cid?: string;
}

/** An upload, before and after a post uses it. */
export interface Media extends Picture {
  network: Network;
  author: string;
  bytes: number;
  at: Instant;
  focus?: string;
  usedBy?: string;
}

export interface StoredRecord {
  uri: string;
  cid: string;
  value: Record<string, unknown>;
  at: Instant;
}

/** An account has passed on a post of this network. */
export interface Repost {
  network: Network;
  author: string;
  of: string;
  at: Instant;
  /** Its own, where the network gives one. */
  id?: string;
}

export type Event =
  | { type: 'post'; post: SandboxPost }
  | { type: 'removed'; network: Network; id: string }
  | { type: 'repost'; repost: Repost }
  | { type: 'repost-removed'; network: Network; id: string }
  | { type: 'media'; media: Media }
  | { type: 'record'; record: StoredRecord }
  | { type: 'record-removed'; uri: string }
  | { type: 'mail'; mail: SandboxMail }
  | { type: 'chat'; message: ChatMessage };

export interface World {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly people: SandboxAccount[];
  /** Of videos and animations, by network and id. */
  readonly processing: Processing;
  /** Of the times that its pages show. */
  readonly zone: string;
  /** Where the sandbox's page shows what a person wrote. */
  urlOf(post: Pick<SandboxPost, 'network' | 'handle' | 'id'>): string;
  /** What is published there now, in the order of acceptance. */
  posts(network: Network): SandboxPost[];
  post(network: Network, id: string): SandboxPost | undefined;
  /** Who of the accounts has reposted it. */
  reposts(network: Network, id: string): Repost[];
  /** By its own id. */
  repost(network: Network, id: string): Repost | undefined;
  media(network: Network, id: string): Media | undefined;
  record(uri: string): StoredRecord | undefined;
  records(prefix: string): StoredRecord[];
  /** The post that was accepted under this key last, also when it has been removed since. */
  keyed(author: string, key: string): { id: string; at: Instant } | undefined;
  accepted(): AcceptedPost[];
  /** In the order of acceptance. */
  mails(): readonly SandboxMail[];
  chats(): readonly ChatMessage[];
  /** Durable when it returns; only then may an answer leave. */
  write(events: Event[]): void;
  /** Keeps the bytes and returns their name. */
  keepBytes(bytes: Uint8Array): string;
  readBytes(name: string): Buffer | undefined;
  /** The type of stored bytes, by their name. */
  mimeOf(name: string): string | undefined;
  close(): void;
}

interface Memory {
  posts: Map<string, SandboxPost>;
  reposts: Map<string, Repost>;
  media: Map<string, Media>;
  records: Map<string, StoredRecord>;
  keys: Map<string, { id: string; at: Instant }>;
  mimes: Map<string, string>;
  mails: SandboxMail[];
  chats: ChatMessage[];
}

interface WorldOptions {
  file: string;
  clock: Clock;
  people: SandboxAccount[];
  /** Of the page that shows the posts. */
  pageOrigin: () => string;
  zone?: string;
  /** How long networks process a video, in milliseconds. */
  processFor?: number;
}

export function openWorld(options: WorldOptions): World {
  const { file, clock, people, pageOrigin, zone = 'UTC', processFor = 3000 } = options;
  const memory: Memory = {
    posts: new Map(),
    reposts: new Map(),
    media: new Map(),
    records: new Map(),
    keys: new Map(),
    mimes: new Map(),
    mails: [],
    chats: [],
  };
  const ids = createIds(clock);
  const apply = (events: Event[]) => {
    for (const event of events) applyEvent(memory, ids, event);
  };
  const ledger = openLedger<Event>(file, apply);
  return {
    clock,
    ids,
    people,
    processing: createProcessing(clock, processFor),
    zone,
    urlOf: ({ network, handle, id }) =>
      pageOrigin() + rowOf(network).paths.post(handle, ownIdOf(id)),
    ...readsOf(memory),
    write(events) {
      ledger.append(events);
      apply(events);
    },
    ...openBytes(`${file.replace(/\.jsonl?$/, '')}-media`),
    mimeOf: (name) => memory.mimes.get(name),
    close: () => ledger.close(),
  };
}

/** An upload as a post shows it. */
export const toPicture = ({ id, alt, mime, file, moves, captions }: Media): Picture => ({
  id,
  alt,
  mime,
  file,
  ...pickDefined({ moves, captions }),
});

/** An id of a post without its author. */
export const ownIdOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

type Reads = Pick<
  World,
  | 'posts'
  | 'post'
  | 'reposts'
  | 'repost'
  | 'media'
  | 'record'
  | 'records'
  | 'keyed'
  | 'accepted'
  | 'mails'
  | 'chats'
>;

const readsOf = ({ posts, reposts, media, records, keys, mails, chats }: Memory): Reads => ({
  posts: (network) => [...posts.values()].filter((post) => post.network === network),
  post: (network, id) => posts.get(`${network} ${id}`),
  reposts: (network, id) =>
    [...reposts.values()].filter((repost) => repost.network === network && repost.of === id),
  repost: (network, id) => reposts.get(`${network} ${id}`),
  media: (network, id) => media.get(`${network} ${id}`),
  record: (uri) => records.get(uri),
  records: (prefix) => [...records.values()].filter(({ uri }) => uri.startsWith(prefix)),
  keyed: (author, key) => keys.get(`${author} ${key}`),
  mails: () => mails,
  chats: () => chats,
  accepted: () => [...posts.values()].sort((a, b) => a.at - b.at).map(toAccepted),
});

/** Pictures by the hash of their bytes. */
function openBytes(folder: string): Pick<World, 'keepBytes' | 'readBytes'> {
  mkdirSync(folder, { recursive: true });
  return {
    keepBytes: (bytes) => keepBytes(folder, bytes),
    readBytes: (name) =>
      /^[0-9a-f]{64}$/.test(name) && existsSync(join(folder, name))
        ? readFileSync(join(folder, name))
        : undefined,
  };
}

function applyEvent(memory: Memory, ids: Ids, event: Event): void {
  switch (event.type) {
    case 'post':
      applyPost(memory, ids, event.post);
      return;
    case 'removed':
      memory.posts.delete(`${event.network} ${event.id}`);
      return;
    case 'repost':
      memory.reposts.set(keyOfRepost(event.repost), event.repost);
      if (event.repost.id) ids.seen(event.repost.network, event.repost.id);
      return;
    case 'repost-removed':
      memory.reposts.delete(`${event.network} ${event.id}`);
      return;
    case 'media':
      memory.media.set(`${event.media.network} ${event.media.id}`, event.media);
      memory.mimes.set(event.media.file, event.media.mime);
      ids.seen(event.media.network, event.media.id);
      return;
    case 'record':
      memory.records.set(event.record.uri, event.record);
      return;
    case 'record-removed':
      memory.records.delete(event.uri);
      return;
    case 'mail':
      memory.mails.push(event.mail);
      return;
    case 'chat':
      memory.chats.push(event.message);
      return;
  }
}

function applyPost(memory: Memory, ids: Ids, post: SandboxPost): void {
  memory.posts.set(`${post.network} ${post.id}`, post);
  ids.seen(post.network, post.id);
  if (post.key) memory.keys.set(`${post.author} ${post.key}`, { id: post.id, at: post.at });
  for (const picture of post.pictures) {
    const media = memory.media.get(`${post.network} ${picture.id}`);
    if (media) media.usedBy = post.id;
  }
}

const keyOfRepost = ({ network, author, of, id }: Repost) =>
  `${network} ${id ?? `${author} ${of}`}`;

function keepBytes(folder: string, bytes: Uint8Array): string {
  const name = createHash('sha256').update(bytes).digest('hex');
  const path = join(folder, name);
  if (existsSync(path)) return name;
  const fd = openSync(`${path}.part`, 'w');
  try {
    writeFileSync(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.part`, path);
  syncFolder(folder);
  return name;
}
