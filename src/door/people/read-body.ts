import type { Context } from 'hono';
import type { Env } from '../link-routes.ts';

/** The body of a stranger: no more of it is read than may be there. Undefined: it is longer. */
export async function readBody(c: Context<Env>, most: number): Promise<string | undefined> {
  const bytes = await readBytes(c, most);
  return bytes && new TextDecoder().decode(bytes);
}

/** As it came: a signature is over that. */
export async function readBytes(c: Context<Env>, most: number): Promise<Buffer | undefined> {
  if (Number(c.req.header('content-length') ?? 0) > most) return undefined;
  const { body } = c.req.raw;
  if (!body) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
