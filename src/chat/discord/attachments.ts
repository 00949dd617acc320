import {
  ApplicationCommandOptionType,
  type Attachment,
  type ChatInputCommandInteraction,
} from 'discord.js';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Sent } from '../desk.ts';
import { download } from '../download.ts';

const names = ['picture', 'picture2', 'picture3', 'picture4'];

/** A command of Discord has one place for each file. */
export const pictureOptions = names.map((name) => ({
  type: ApplicationCommandOptionType.Attachment as const,
  name,
  description: 'a picture of the draft',
  required: false,
}));

export const attachedTo = ({ options }: ChatInputCommandInteraction): Attachment[] =>
  names.flatMap((name) => options.getAttachment(name) ?? []);

export const toSent = (files: readonly Attachment[], signal: AbortSignal): Sent =>
  pickDefined({
    pictures: files.length ? files.map((file) => toPicture(file, signal)) : undefined,
  });

const toPicture = ({ name, url, size, description }: Attachment, signal: AbortSignal) => ({
  name: name.slice(-100),
  alt: description ?? '',
  load: () => download({ name, url, size, signal }),
});
