import { fieldsOf } from '../stored-payload.ts';
import type { Calling } from './reads.ts';

/** As it stands in a record. */
export interface Blob {
  $type: 'blob';
  ref: { $link: string };
  mimeType: string;
  size: number;
}

/** The same bytes get the same address, so an upload may be repeated freely. */
export async function uploadBlob(
  { agent, signal }: Calling,
  data: Uint8Array | File,
  mime: string,
): Promise<Blob> {
  const answer = await agent.com.atproto.repo.uploadBlob(data, { encoding: mime, signal });
  const { ref, mimeType, size } = answer.data.blob;
  return { $type: 'blob', ref: { $link: ref.toString() }, mimeType, size };
}

export function parseBlob(value: unknown): Blob | undefined {
  const { ref, mimeType, size } = fieldsOf(value);
  const { $link } = fieldsOf(ref);
  if (typeof $link !== 'string' || typeof mimeType !== 'string' || typeof size !== 'number')
    return undefined;
  return { $type: 'blob', ref: { $link }, mimeType, size };
}
