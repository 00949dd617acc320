import type { CommandContext } from '../../commands/command.ts';
import { createDraft, recordDraft } from '../../commands/writing/new-draft.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { PostForm } from '../../core/post/post-form.ts';
import type { PostFiles, PostText, Saved } from '../../ports/post-files.ts';
import type { Form } from '../access/visit.ts';
import { readFields, readSent, type Sent } from './read-fields.ts';
import type { Tickets } from './tickets.ts';

/** What a person has typed, over the file as it is now. */
export interface Typed {
  sent: Sent;
  /** Absent: there is none yet, or it is gone. */
  file?: PostText;
  /** The file as it would be. */
  text: string;
  /** Absent: the file is edited as text. */
  form?: PostForm;
  asWritten: string[];
}

export const newFile: PostText = { path: 'drafts/new.md', text: '', hash: '' };

/** Throws a Refusal where the form cannot be put into the file. */
export async function readTyped(
  { settings }: CommandContext,
  files: PostFiles,
  form: Form,
): Promise<Typed> {
  const sent = readSent(form);
  const file = sent.path === undefined ? undefined : await files.read(sent.path, sent.base);
  const old = file ?? newFile;
  if (sent.raw !== undefined)
    return pickDefined({ sent, file, text: files.rewrite(old, sent.raw), asWritten: [] });
  const { form: before, asWritten } = files.readForm(old);
  const after = readFields(form, settings, before);
  const text = files.change(old, { before, after });
  return pickDefined({ sent, file, text, form: after, asWritten });
}

export const isEmpty = ({ form, text }: Typed): boolean =>
  form ? form.body === '' && form.title === undefined && !form.media : text.trim() === '';

export interface Saving {
  context: CommandContext;
  files: PostFiles;
  tickets: Tickets;
  /** The page stays open, and goes on with this file. */
  isOpen?: boolean;
}

/** Into its file, or into a new draft. Nobody else's change is overwritten. */
export async function saveTyped(saving: Saving, typed: Typed): Promise<Saved> {
  const { tickets, isOpen = false } = saving;
  const saved = await write(saving, typed);
  tickets.note(typed.sent.ticket, saved, !isOpen);
  return saved;
}

async function write({ context, files, tickets }: Saving, typed: Typed): Promise<Saved> {
  const { sent, text } = typed;
  if (sent.path !== undefined) return files.save(sent.path, { text, base: sent.base });
  const begun = tickets.find(sent.ticket, text);
  if (begun) return files.save(begun.path, { text, base: begun.hash });
  const file = await createDraft(context, files, { name: nameOf(typed), text });
  await recordDraft(context, files, { path: file.path });
  return { kind: 'saved', file };
}

export function nameOf({ form, text }: Typed): string {
  const lines = (form?.title ?? form?.body ?? text).split('\n');
  const first = lines.find((line) => line.trim() !== '') ?? '';
  return first.split(/\s+/).slice(0, 8).join(' ');
}
