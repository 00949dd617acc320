import type { Notice, NoticeChannel } from '../../../ports/notice-channel.ts';
import type { Lead } from '../../../ports/people/lead-hook.ts';
import type { Store } from '../../../ports/store.ts';
import type { Clock } from '../../../ports/clock.ts';
import { handsOver, readLead } from './read-lead.ts';

interface Knowing {
  store: Pick<Store, 'people'>;
  clock: Pick<Clock, 'now'>;
}

/** Where somebody is handed over, the notice says who it is: a human has to go on from there. */
export const describingLeads = (knowing: Knowing, channel: NoticeChannel): NoticeChannel => ({
  ...channel,
  send: async (notice, signal) => channel.send(await describe(knowing, notice), signal),
});

async function describe({ store, clock }: Knowing, notice: Notice): Promise<Notice> {
  const lines: string[] = [];
  for (const entry of notice.entries.filter(handsOver)) {
    const lead = await readLead(store, entry, clock.now());
    if (lead) lines.push(...linesOf(lead, notice.entries.length > 1));
  }
  if (lines.length === 0) return notice;
  return { ...notice, text: [notice.text, ...lines].join('\n') };
}

const mostShown = 5;
const mostWords = 400;
const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

function linesOf({ person, from, did, words }: Lead, isNamed: boolean): string[] {
  const name = oneLine(person.fields['name'] ?? '').slice(0, 80);
  const mail = person.addresses
    .map((one) => one as { value?: string; handle?: string })
    .map(({ handle, value }) => handle ?? value)
    .filter(Boolean)
    .slice(0, 2);
  const who = [name, ...mail].filter(Boolean).join(', ');
  const [first] = from;
  const came = first ? `${first.way} ${first.from ?? ''} for ${first.purpose}` : '';
  const acts = did
    .slice(0, mostShown)
    .map(({ what, name: of, at }) => `${[what, of].filter(Boolean).join(' ')} ${at.slice(0, 10)}`);
  return [
    isNamed ? `${person.id}: ${who}` : who,
    came && `came by: ${oneLine(came).slice(0, 200)}`,
    acts.length > 0 ? `did: ${acts.join(', ')}` : '',
    words === undefined ? '' : `wrote: “${oneLine(words).slice(0, mostWords)}”`,
  ].filter(Boolean);
}
