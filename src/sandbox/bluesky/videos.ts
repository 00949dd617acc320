import { hour } from '../../core/time.ts';
import { faultIn, sniff } from '../world/moving-files.ts';
import { toJson, type Answer, type Fields, type Incoming } from '../http/routing.ts';
import { personId, type BlueskyPerson } from '../world/network-rows.ts';
import type { World } from '../world/world.ts';
import { deny } from './answers.ts';
import { findBlueskyPerson, signClaims, verifyClaims } from './auth.ts';
import { blobCid } from './cbor.ts';
import { keepBlob, findBlob } from './publishing.ts';

interface Job {
  id: string;
  did: string;
  cid: string;
  bytes: Buffer;
}

export interface BlueskyVideos {
  grant(person: BlueskyPerson, request: Incoming): Answer;
  limits(request: Incoming): Answer;
  upload(request: Incoming): Answer;
  status(request: Incoming): Answer;
}

const maxBytes = 300_000_000;

/** The server of the account and the video service have one host here. */
const didOf = ({ headers }: Incoming) => `did:web:${(headers.host ?? '').replace(/:\d+$/, '')}`;

/**
 * What Bluesky's video service does, without converting anything. A job is forgotten when the
 * sandbox stops.
 */
export function createVideos(world: World): BlueskyVideos {
  const jobs = new Map<string, Job>();
  return {
    grant: (person, { query }) => toJson(200, { token: grant(world, person, query) }),
    limits(request) {
      const person = requireGranted(world, request, 'app.bsky.video.getUploadLimits');
      const message = person.isUnverified ? 'User must verify their email first' : undefined;
      return toJson(200, {
        canUpload: !person.isUnverified,
        remainingDailyVideos: 25,
        remainingDailyBytes: 10 * 1024 ** 3,
        message,
      });
    },
    upload(request) {
      const job = readJob(world, request, jobs.size);
      const { id, did, cid, bytes } = job;
      if (findBlob(world, did, cid)?.mime === 'video/mp4')
        return toJson(409, {
          ...describeJob(world, { ...job, id: `${id}-known` }),
          error: 'already_exists',
          message: 'Video already processed',
        });
      jobs.set(id, job);
      const { processing } = request;
      world.processing.begin(`bluesky ${id}`, {
        fault: processing === 'fails' ? 'the video could not be encoded' : faultIn(bytes),
        hangs: processing === 'hangs',
      });
      return toJson(200, describeJob(world, job));
    },
    status({ query }) {
      const job = jobs.get(query.get('jobId') ?? '') ?? deny('InvalidRequest', 'Job not found');
      return toJson(200, { jobStatus: describeJob(world, job) });
    },
  };
}

function grant(world: World, person: BlueskyPerson, query: URLSearchParams): string {
  const now = Math.floor(world.clock.now() / 1000);
  const [aud, lxm] = [query.get('aud'), query.get('lxm')];
  const exp = Number(query.get('exp') ?? now + 60);
  if (!aud?.startsWith('did:')) deny('InvalidRequest', 'Error: aud must be a valid did');
  if (!(exp > now)) deny('BadExpiration', 'expiration is in past');
  if (exp - now > hour / 1000)
    deny(
      'BadExpiration',
      'cannot request a token with an expiration more than an hour in the future',
    );
  return signClaims(person, { typ: 'JWT' }, { iss: personId(person), aud, lxm, exp, iat: now });
}

function requireGranted(world: World, request: Incoming, lxm: string): BlueskyPerson {
  const { person, claims } = verifyClaims(world.people, request, 'iss');
  if (claims.aud !== didOf(request) || claims.lxm !== lxm)
    deny('BadJwtAudience', 'jwt audience does not match service did', 401);
  if (Number(claims.exp) * 1000 <= world.clock.now()) deny('JwtExpired', 'jwt expired', 401);
  return person;
}

function readJob(world: World, request: Incoming, count: number): Job {
  const person = requireGranted(world, request, 'com.atproto.repo.uploadBlob');
  const { query, body } = request;
  const did = personId(person);
  if (findBlueskyPerson(world.people, query.get('did') ?? '') !== person)
    deny('InvalidRequest', 'did does not match the token', 401);
  if (person.isUnverified) deny('unconfirmed_email', 'User must verify their email first', 403);
  if (body.length > maxBytes) deny('FileTooLarge', 'The video is too large', 413);
  if (!sniff(body)?.startsWith('video/'))
    deny('InvalidRequest', 'The file is not a video that is supported');
  const cid = blobCid(body);
  return { id: `${cid.slice(-12)}-${count + 1}`, did, cid, bytes: body };
}

/** The finished video lies on the account's server when the job says so. */
function describeJob(world: World, { id, did, cid, bytes }: Job): Fields {
  const stage = world.processing.of(`bluesky ${id}`);
  const about = { jobId: id, did };
  switch (stage.is) {
    case 'waits':
      return { ...about, state: 'JOB_STATE_CREATED' };
    case 'works':
      return { ...about, state: 'JOB_STATE_ENCODING', progress: 40 };
    case 'failed': {
      const failed = { state: 'JOB_STATE_FAILED', failureCode: 'encoding_failure' };
      return { ...about, ...failed, error: 'encoding_failure', message: stage.why };
    }
    case 'done': {
      const blob = keepBlob(world, { author: did, cid, mime: 'video/mp4', bytes });
      return { ...about, state: 'JOB_STATE_COMPLETED', progress: 100, blob };
    }
  }
}
