import { isRefusedForGood, type Notice } from '../../ports/notice-channel.ts';
import { plural } from '../../core/plural.ts';

const mostOfText = 300;

const plainly = (text: string) =>
  text
    .slice(0, mostOfText)
    .replaceAll(/[^\p{L}\p{N} .,:;@/#-]+/gu, ' ')
    .trim();

/** What is sent where the whole notice is refused: a shorter form, then words of Dripline alone. */
function plainForms({ title, text, entries, isUrgent }: Notice): Notice[] {
  const where = 'The dashboard and `journal` show all of it.';
  const count = plural(entries.length, 'notice');
  const rest = { entries: [], isUrgent, isPlain: true };
  return [
    { title: plainly(title), text: `${plainly(`${title}: ${text}`)} … ${where}`, ...rest },
    { title: 'Dripline', text: `${count} could not be shown here. ${where}`, ...rest },
  ];
}

/** Throws only what may pass, or says that nothing at all can be sent to this channel. */
export async function sendOrPlain(
  notice: Notice,
  send: (notice: Notice) => Promise<void>,
): Promise<void> {
  let refused: unknown;
  for (const form of [notice, ...plainForms(notice)]) {
    try {
      return await send(form);
    } catch (error) {
      if (!isRefusedForGood(error)) throw error;
      refused ??= error;
    }
  }
  throw refused;
}
