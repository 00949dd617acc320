import type { Planned } from '../../core/delivery/delivery.ts';
import { planned } from '../../core/delivery/moves.ts';
import { plural } from '../../core/plural.ts';
import { day, formatLocal } from '../../core/time.ts';
import { computePlan } from '../../flow/plan/plan.ts';
import { findPostsOf } from '../../flow/ingest/find-post.ts';
import type { CommandContext, Input, Reply } from '../command.ts';
import { toDays } from '../find.ts';
import { toRow } from './rows.ts';
import { shorten, toTable } from '../table.ts';

export async function runPlan(context: CommandContext, { options }: Input): Promise<Reply> {
  const { settings, store, clock } = context;
  const days = toDays(options['days'] ?? '14');
  const until = clock.now() + days * day;
  const plans = await Promise.all(
    settings.accounts.map(({ name }) => computePlan(context, name, { ahead: days * day })),
  );
  const rows = plans
    .flatMap(({ schedule, deliveries }) =>
      schedule.slots.flatMap((slot): Planned[] => {
        const one = deliveries.get(slot.delivery);
        return one ? [planned(one, slot)] : [];
      }),
    )
    // A pin has its slot however far ahead it is.
    .filter(({ at }) => at <= until)
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const found = await findPostsOf(store, [...new Set(rows.map(({ post }) => post))]);
  const titles = new Map(
    found.map(({ id, post }) => [id, post.title ?? post.parts[0]?.split('\n')[0] ?? id]),
  );
  if (options['ics']) return { text: toCalendar(rows, titles), json: rows.map(toRow) };
  const text = toTable(
    ['when', 'post', 'text'],
    rows.map((one) => [
      formatLocal(one.at, settings.zone),
      one.id,
      shorten(titles.get(one.post) ?? '', 48),
    ]),
  );
  const hint = '`dripline queue` shows what each post is waiting for.';
  const none = `Nothing is scheduled within ${plural(days, 'day')}. ${hint}`;
  return { text: rows.length ? text : none, json: rows.map(toRow) };
}

/**
 * RFC 5545: lines folded at 75 bytes, CRLF after each; the last LF is the one that every text ends
 * with.
 */
function toCalendar(rows: Planned[], titles: Map<string, string>): string {
  const stamp = (at: number) =>
    `${new Date(at).toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
  const escape = (text: string) =>
    text.replaceAll(/([\\;,])/g, String.raw`\$1`).replaceAll(/\r?\n/g, String.raw`\n`);
  const events = rows.flatMap((one) => [
    'BEGIN:VEVENT',
    `UID:${one.id}@dripline`,
    `DTSTAMP:${stamp(one.createdAt)}`,
    `DTSTART:${stamp(one.at)}`,
    'DURATION:PT5M',
    `SUMMARY:${escape(`${one.id}: ${titles.get(one.post) ?? ''}`)}`,
    `DESCRIPTION:${escape(one.why ?? '')}`,
    'END:VEVENT',
  ]);
  const head = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Dripline//plan//EN',
    'X-WR-CALNAME:Dripline',
  ];
  return `${[...head, ...events, 'END:VCALENDAR'].map(fold).join('\r\n')}\r`;
}

function fold(line: string): string {
  const pieces: string[] = [];
  let piece = '';
  for (const character of line) {
    if (Buffer.byteLength(piece + character) > (pieces.length ? 73 : 74)) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece].join('\r\n ');
}
