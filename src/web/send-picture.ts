import type { Context } from 'hono';
import type { Store } from '../ports/store.ts';
import type { Env } from './access/visit.ts';
import { sendFile } from './send-file.ts';

/**
 * GET /media/:post/:index: an image or a video that a stored post names. The request contains its
 * index, and never a path.
 */
export async function sendPicture(c: Context<Env>, store: Store): Promise<Response> {
  const index = c.req.param('index') ?? '';
  const stored = await store.findPost(c.req.param('post') ?? '');
  const medium = /^\d{1,3}$/.test(index) ? stored?.post.media[Number(index)] : undefined;
  return sendFile(c, medium?.file);
}
