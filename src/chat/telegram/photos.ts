import { GrammyError } from 'grammy';
import type { Update } from 'grammy/types';
import type { SentPicture } from '../../commands/command.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { Refusal } from '../../core/problem.ts';
import { download } from '../download.ts';
import type { Sent } from '../desk.ts';
import { forGrammy, patiently, type Sending } from './send.ts';

type Message = NonNullable<Update['message']>;

export interface PhotoPlace {
  sending: Sending;
  /** Where files are downloaded: the address and the token of the bot. */
  filesAt: string;
}

/** Pictures of a message, sent as photos or as files. */
export function photosIn(place: PhotoPlace, message: Message): Sent {
  const { photo, document, media_group_id: album } = message;
  const largest = photo?.toSorted((a, b) => a.width * a.height - b.width * b.height).at(-1);
  const image = document?.mime_type?.startsWith('image/') === true ? document : undefined;
  const file = largest ?? image;
  if (!file) return {};
  const name = image?.file_name?.slice(-100) ?? 'photo.jpg';
  const wanted = { id: file.file_id, name, size: file.file_size };
  const picture: SentPicture = { name, load: () => load(place, wanted) };
  return pickDefined({ pictures: [picture], album });
}

async function load(
  { sending, filesAt }: PhotoPlace,
  { id, name, size }: { id: string; name: string; size: number | undefined },
): Promise<Uint8Array> {
  const { api, signal } = sending;
  const { file_path: path } = await patiently(sending, () =>
    api.getFile(id, forGrammy(signal)),
  ).catch((error: unknown) => {
    if (!(error instanceof GrammyError) || error.error_code !== 400) throw error;
    throw new Refusal(`Telegram does not hand out ${name}: add it to the draft on the dashboard`);
  });
  return download({ name, url: `${filesAt}/${path ?? ''}`, size, signal });
}
