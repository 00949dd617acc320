import { join } from 'node:path';
import type { Letter } from '../core/people/letters/letter.ts';

export const encodeLetter = (letter: Letter): Uint8Array => Buffer.from(JSON.stringify(letter));
export const decodeLetter = (bytes: Uint8Array): Letter =>
  JSON.parse(Buffer.from(bytes).toString()) as Letter;

/** A copy of a picture, by the digest of its bytes. */
export const pictureFile = (folder: string, digest: string): string =>
  join(folder, 'pictures', `${digest}.jpg`);
