import { GrammyError } from 'grammy';
import type { Update } from 'grammy/types';
import type { SentPicture } from '../../commands/command.ts';
import { isVideoFile } from '../../core/media/video-file.ts';
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

/** Pictures and videos of a message, sent as such or as files. */
export function photosIn(place: PhotoPlace, message: Message): Sent {
  const { photo, document, video, animation, media_group_id: album } = message;
  const largest = photo?.toSorted((a, b) => a.width * a.height - b.width * b.height).at(-1);
  const isShown = /^(?:image|video)\//.test(document?.mime_type ?? '');
  const moving = animation ?? video;
  const file = largest ?? moving ?? (isShown ? document : undefined);
  if (!file) return {};
  const { file_name: own, mime_type: mime } = file as Partial<NonNullable<typeof document>>;
  const name = nameOf(own, mime ?? (moving ? 'video/mp4' : 'image/jpeg'));
  const wanted = { id: file.file_id, name, size: file.file_size };
  const picture: SentPicture = { name, load: () => load(place, wanted) };
  return pickDefined({ pictures: [picture], album });
}

/** What is an animation here may be named after the GIF that it was: it is an MP4. */
function nameOf(own: string | undefined, mime: string): string {
  if (!mime.startsWith('video/')) return own?.slice(-100) ?? 'photo.jpg';
  const base = own?.slice(-96) ?? 'video';
  if (isVideoFile(base)) return base;
  return `${base.replace(/\.\w{1,5}$/, '')}.${mime === 'video/quicktime' ? 'mov' : 'mp4'}`;
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
    throw new Refusal(
      `Telegram does not hand out ${name} (it gives bots files of up to 20 MB): ` +
        'add it to the draft on the dashboard',
    );
  });
  return download({ name, url: `${filesAt}/${path ?? ''}`, size, signal });
}
