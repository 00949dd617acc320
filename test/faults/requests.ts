import { type Network, networks } from '../../src/core/network/network.ts';
import { type Misbehaviour, misbehaviours } from '../../src/sandbox/http/misbehaviour.ts';

/** One request of a release, as the sandbox's rules name it. */
export interface FaultyRequest {
  name: string;
  /** On `METHOD /path`. */
  route: string;
  /** Which of those that match. */
  nth: number;
  /**
   * `start`: asked before the first release. `look`: asked only after the answer to a post was
   * lost.
   */
  when: 'start' | 'release' | 'look';
  /**
   * What is released; absent: a thread and a card. `service`: a video, where Bluesky's video
   * service takes it.
   */
  of?: 'video' | 'service';
}

export interface Cell extends FaultyRequest {
  network: Network;
  how: Misbehaviour;
}

const start = (name: string, route: string): FaultyRequest => ({
  name,
  route,
  nth: 1,
  when: 'start',
});
const release = (name: string, route: string, nth = 1): FaultyRequest => ({
  name,
  route,
  nth,
  when: 'release',
});
const look = (name: string, route: string): FaultyRequest => ({
  name,
  route,
  nth: 1,
  when: 'look',
});

/** Sent ahead of the claim, as soon as the post is planned. */
const ahead = (
  name: string,
  route: string,
  { nth = 1, of = 'video' }: Pick<Partial<FaultyRequest>, 'nth' | 'of'> = {},
): FaultyRequest => ({ name, route, nth, when: 'start', of });

/** What posts. */
export const postRoutes: Record<Network, string> = {
  x: '^POST /2/tweets$',
  bluesky: 'putRecord$',
  mastodon: '^POST /api/v1/statuses$',
};

const posts = (network: Network) =>
  ['first part', 'second part', 'third part', 'card post'].map((name, i) =>
    release(name, postRoutes[network], i + 1),
  );

const videoPost = (network: Network, of: 'video' | 'service' = 'video'): FaultyRequest => ({
  ...release(of === 'video' ? 'video post' : 'service post', postRoutes[network]),
  of,
});

/**
 * Everything that a thread of three with a picture, and a post with a link card, ask of each
 * network, the looks at people that come after a release included; and what a video with captions
 * asks more.
 */
export const requests: Record<Network, FaultyRequest[]> = {
  x: [
    start('who am I', '^GET /2/users/me$'),
    start('own timeline', String.raw`^GET /2/users/\d+/tweets$`),
    release('upload begin', 'upload/initialize$'),
    release('upload data', '/append$'),
    release('upload end', '/finalize$'),
    release('alt text', 'media/metadata$'),
    ...posts('x'),
    release('answers of people', 'mentions$'),
    look('look', String.raw`^GET /2/users/\d+/tweets$`),
    ahead('captions begin', 'upload/initialize$'),
    ahead('captions data', '/append$'),
    ahead('captions end', '/finalize$'),
    ahead('video begin', 'upload/initialize$', { nth: 2 }),
    ahead('video data', '/append$', { nth: 2 }),
    ahead('video end', '/finalize$', { nth: 2 }),
    ahead('video alt text', 'media/metadata$'),
    ahead('video captions', 'media/subtitles$'),
    ahead('video state', '^GET /2/media/upload$'),
    videoPost('x'),
  ],
  bluesky: [
    start('login', 'createSession$'),
    start('who am I', 'getSession$'),
    start('own timeline', 'listRecords$'),
    release('picture', 'uploadBlob$'),
    release('card picture', 'uploadBlob$', 2),
    release('mention', 'resolveHandle$'),
    ...posts('bluesky'),
    release('answers of people', 'listNotifications$'),
    release('followers', 'getProfile$'),
    look('look', 'getRecord$'),
    ahead('captions', 'uploadBlob$'),
    ahead('video', 'uploadBlob$', { nth: 2 }),
    videoPost('bluesky'),
    ahead('service login', 'getServiceAuth$', { of: 'service' }),
    ahead('service room', 'getUploadLimits$', { of: 'service' }),
    ahead('service video', 'uploadVideo$', { of: 'service' }),
    ahead('service state', 'getJobStatus$', { of: 'service' }),
    videoPost('bluesky', 'service'),
  ],
  mastodon: [
    start('who am I', 'verify_credentials$'),
    start('instance', '^GET /api/v2/instance$'),
    start('own timeline', String.raw`^GET /api/v1/accounts/\w+/statuses$`),
    release('picture', '^POST /api/v2/media$'),
    release('picture ready', '^GET /api/v1/media/'),
    ...posts('mastodon'),
    release('answers of people', '^GET /api/v1/notifications$'),
    release('confirm', String.raw`^GET /api/v1/statuses/\w+$`),
    look('look', String.raw`^GET /api/v1/accounts/\w+/statuses$`),
    ahead('video', '^POST /api/v2/media$'),
    ahead('video state', '^GET /api/v1/media/'),
    videoPost('mastodon'),
  ],
};

/** What a network may do with a file that comes, and with nothing else. */
const ofFiles: Misbehaviour[] = ['413', 'processing-hangs', 'processing-fails'];
const bringsFile = ({ route }: FaultyRequest) =>
  /append|finalize|uploadBlob|uploadVideo|POST .*media/.test(route);

export interface Choice {
  only?: string | undefined;
  how?: string | undefined;
  request?: string | undefined;
  /** Only with a video. */
  video?: boolean | undefined;
}

export function listCells({ only, how, request, video }: Choice = {}): Cell[] {
  return networks
    .filter((network) => only === undefined || network === only)
    .flatMap((network) =>
      requests[network]
        .filter(({ name }) => request === undefined || name === request)
        .filter(({ of }) => video !== true || of !== undefined)
        .flatMap((one) =>
          misbehaviours
            .filter((each) => how === undefined || each === how)
            .filter((each) => bringsFile(one) || !ofFiles.includes(each))
            .map((each): Cell => ({ ...one, network, how: each })),
        ),
    );
}
