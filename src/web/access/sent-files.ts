import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from 'hono';
import { isVideoFile, mostPictureBytes, mostVideoBytes } from '../../core/media/video-file.ts';
import { Refusal } from '../../core/problem.ts';
import { boundaryOf, type PartSink, readParts } from '../../io/incoming/form-parts.ts';
import { allowLarge } from './request-time.ts';
import { type Env, type Form, readForm, toForm } from './visit.ts';

export interface SentFile {
  name: string;
  /** Where its bytes lie. */
  file: string;
  size: number;
  /** Its bytes were not kept. */
  isTooLarge: boolean;
}

const mostFieldBytes = 512 * 1024;
const mostFiles = 20;

/** A form with its files, which are written into the folder while they come. Throws Refusal. */
export async function readFilesForm(
  c: Context<Env>,
  folder: string,
): Promise<{ form: Form; files: SentFile[] }> {
  const type = c.req.header('content-type') ?? '';
  const boundary = type.startsWith('multipart/form-data') ? boundaryOf(type) : undefined;
  if (boundary === undefined || !c.req.raw.body) return { form: await readForm(c), files: [] };
  allowLarge(c.env.incoming);
  const entries: [string, string][] = [];
  const files: SentFile[] = [];
  let room = mostFieldBytes;
  await readParts(c.req.raw.body, boundary, async ({ field, filename }) => {
    if (filename === undefined)
      return toField(
        (text) => entries.push([field, text]),
        (bytes) => (room -= bytes) >= 0,
      );
    if (files.length >= mostFiles) throw new Refusal(`More than ${mostFiles} files came at once`);
    const sent = {
      name: filename,
      file: join(folder, `${files.length}`),
      size: 0,
      isTooLarge: false,
    };
    files.push(sent);
    return toFile(sent);
  }).catch(tellDisk);
  return { form: toForm(entries), files };
}

function toField(keep: (text: string) => void, hasRoom: (bytes: number) => boolean): PartSink {
  const pieces: Buffer[] = [];
  return {
    async write(piece) {
      if (!hasRoom(piece.length)) throw new Refusal('The text is too long: make it shorter');
      pieces.push(Buffer.from(piece));
    },
    end: async () => keep(Buffer.concat(pieces).toString('utf8')),
  };
}

/** One that is too large is read to its end: a browser reads an answer only then. */
async function toFile(sent: SentFile): Promise<PartSink> {
  const most = isVideoFile(sent.name) ? mostVideoBytes : mostPictureBytes;
  const handle = await open(sent.file, 'wx', 0o600);
  return {
    async write(piece) {
      sent.size += piece.length;
      sent.isTooLarge ||= sent.size > most;
      try {
        if (sent.isTooLarge) await handle.truncate(0);
        else await handle.writeFile(piece);
      } catch (error) {
        await handle.close();
        throw error;
      }
    },
    end: () => handle.close(),
  };
}

function tellDisk(error: unknown): never {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
  throw new Refusal('The disk is full, so nothing was added: free some space, and try again');
}
