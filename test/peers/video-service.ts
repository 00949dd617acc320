import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface VideoService extends AsyncDisposable {
  url: string;
  /** `METHOD /path` of all requests so far. */
  asked: string[];
}

/**
 * Bluesky's video service without the converting: it takes a video and puts it onto the account's
 * own server with the token that came with it. A job is done when it has been asked for twice.
 */
export async function openVideoService(pdsUrl: string): Promise<VideoService> {
  const jobs = new Map<string, { blob: unknown; looks: number }>();
  const asked: string[] = [];
  const answer = async (request: IncomingMessage): Promise<[number, unknown]> => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://service');
    const authorization = request.headers.authorization ?? '';
    asked.push(`${request.method} ${pathname}`);
    if (pathname.endsWith('getUploadLimits')) {
      const { aud, lxm } = claimsOf(authorization);
      const isRight = aud === 'did:web:localhost' && lxm === 'app.bsky.video.getUploadLimits';
      return isRight ? [200, { canUpload: true, remainingDailyVideos: 3 }] : [401, wrong];
    }
    if (pathname.endsWith('getJobStatus')) {
      const jobId = searchParams.get('jobId') ?? '';
      const job = jobs.get(jobId);
      if (!job) return [400, { error: 'InvalidRequest', message: 'Job not found' }];
      const isDone = ++job.looks > 1;
      const state = isDone ? 'JOB_STATE_COMPLETED' : 'JOB_STATE_ENCODING';
      return [200, { jobStatus: { jobId, state, ...(isDone ? { blob: job.blob } : {}) } }];
    }
    const body = await readWhole(request);
    const kept = await fetch(`${pdsUrl}/xrpc/com.atproto.repo.uploadBlob`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'video/mp4' },
      body: new Uint8Array(body),
    });
    const { blob, ...problem } = (await kept.json()) as { blob?: unknown };
    if (!kept.ok) return [kept.status, problem];
    const did = searchParams.get('did');
    const jobId = `job-${jobs.size + 1}`;
    jobs.set(jobId, { blob, looks: 0 });
    return [200, { jobId, did, state: 'JOB_STATE_CREATED' }];
  };
  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const wrong = { error: 'BadJwtAudience', message: 'jwt audience does not match service did' };

const claimsOf = (authorization: string) =>
  JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString()) as {
    aud?: string;
    lxm?: string;
  };

async function readWhole(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
