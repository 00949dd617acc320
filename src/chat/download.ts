import { Refusal } from '../core/problem.ts';
import { minute } from '../core/time.ts';
import { within } from '../ports/deadline.ts';

export const mostPictureBytes = 30 * 1024 * 1024;

export interface Download {
  /** For messages; the address may contain a token. */
  name: string;
  url: string;
  headers?: Record<string, string>;
  /** As the chat says. */
  size?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** A picture that a chat keeps. Throws a Refusal that says what to do instead. */
export async function download({
  name,
  url,
  headers = {},
  size = 0,
  signal,
}: Download): Promise<Uint8Array> {
  if (size > mostPictureBytes) throw tooLarge(name);
  try {
    return await within({ signal, limitFor: minute }, async (inTime) => {
      const response = await fetch(url, { headers, signal: inTime, redirect: 'error' });
      if (!response.ok) {
        await response.body?.cancel();
        throw new Refusal(`${name} could not be downloaded (${response.status}): ${instead}`);
      }
      return read(name, response);
    });
  } catch (error) {
    if (error instanceof Refusal || signal?.aborted === true) throw error;
    throw new Refusal(`${name} could not be downloaded: ${instead}`);
  }
}

const instead = 'add it to the draft on the dashboard';
const tooLarge = (name: string) => new Refusal(`${name} is larger than 30 MB: add a smaller one`);

async function read(name: string, { body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (length > mostPictureBytes) throw tooLarge(name);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
