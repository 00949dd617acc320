import { compose } from '../core/compose.ts';
import { defaultLimits } from '../core/default-limits.ts';
import { type Delivery, isOpen, type State } from '../core/delivery.ts';
import { measureText } from '../core/length.ts';
import { networkNames } from '../core/network.ts';
import { pauseOf } from '../core/pause.ts';
import { Refusal } from '../core/problem.ts';
import { day, formatDuration, formatLocal, toIso } from '../core/time.ts';
import { parseSince } from '../core/when.ts';
import { type AccountFact, keys, readAccount, readPause } from '../flow/facts.ts';
import { computePlan, horizonFor } from '../flow/plan.ts';
import type { StoredPost } from '../ports/store.ts';
import type { Command, CommandContext } from './command.ts';
import { assertAccount, findDeliveries } from './find.ts';
import { toTable } from './table.ts';

const queueStates: readonly State[] = ['releasing', 'uncertain', 'planned', 'queued', 'waiting'];

export interface QueueRow {
  delivery: string;
  post: string;
  account: string;
  network: string;
  state: State;
  at?: string;
  why?: string;
  reason?: string;
}

export function toRow(one: Delivery): QueueRow {
  return {
    delivery: one.id, post: one.post, account: one.account, network: one.network, state: one.state,
    ...(one.at === undefined ? {} : { at: toIso(one.at) }), ...(one.why === undefined ? {} : { why: one.why }), ...(one.reason === undefined ? {} : { reason: one.reason }),
  };
}

/** What is under way and ahead: planned ones by their slot, then the rest in the queue's order. */
export async function listQueue(context: CommandContext, { account, days }: { account?: string | undefined; days?: number | undefined }): Promise<Delivery[]> {
  const { store, clock, settings } = context;
  const rows = await store.listDeliveries({ states: queueStates, order: 'rank', ...(account === undefined ? {} : { account }) });
  const ahead = days === undefined ? undefined : days * day;
  const computed = ahead !== undefined && ahead > horizonFor ? await Promise.all(settings.accounts.filter(({ name }) => account === undefined || name === account).map(({ name }) => computePlan(context, name, ahead))) : [];
  const slots = new Map(computed.flatMap(({ schedule }) => schedule.slots.map((slot) => [slot.delivery, slot])));
  const withSlots = rows.map((one): Delivery => {
    const slot = slots.get(one.id);
    return slot && isOpen(one.state) ? { ...one, state: 'planned', at: slot.at, why: slot.why } : one;
  });
  const until = ahead === undefined ? Infinity : clock.now() + ahead;
  const order = (one: Delivery) => (one.state === 'releasing' || one.state === 'uncertain' ? 0 : one.state === 'planned' ? 1 : 2);
  return withSlots.filter((one) => ahead === undefined || (one.at !== undefined && one.at <= until)).sort((a, b) => order(a) - order(b) || (a.at ?? 0) - (b.at ?? 0));
}

const queue: Command = {
  name: 'queue', help: 'what goes out, when, where, and why then', examples: ['queue', 'queue --account bsky --days 30'],
  options: [{ name: '--account', value: '<name>', help: 'one account alone' }, { name: '--days', value: '<n>', help: 'what has a slot within so many days' }],
  async run(context, { options }) {
    const account = options['account'] === undefined ? undefined : String(options['account']);
    if (account !== undefined) await assertAccount(context, account);
    const days = options['days'] === undefined ? undefined : Number(options['days']);
    if (days !== undefined && !(days > 0 && days <= 3660)) throw new Refusal('--days takes a number of days, such as 30');
    const rows = await listQueue(context, { account, days });
    const { zone } = context.settings;
    const text = rows.length ? toTable(['when', 'what', 'state', 'why'], rows.map((one) => [one.at === undefined ? '' : formatLocal(one.at, zone), one.id, one.state, one.why ?? one.reason ?? ''])) : 'The queue is empty: put a Markdown file into the posts folder.';
    const pauses = await readPause(context.store);
    const paused = pauseOf(pauses, account ?? '', context.clock.now());
    return { text: paused ? `Paused${paused.until === undefined ? '' : ` until ${formatLocal(paused.until, zone)}`}: nothing is released.\n${text}` : text, json: rows.map(toRow) };
  },
};

/** The post as its account will show it, by what is known of the network. */
export async function preview(context: Pick<CommandContext, 'settings'>, stored: StoredPost, delivery: Delivery, fact: AccountFact) {
  const account = context.settings.accounts.find(({ name }) => name === delivery.account) ?? { name: delivery.account, network: delivery.network };
  const limits = fact.limits ?? defaultLimits[delivery.network];
  const campaign = context.settings.campaigns[stored.post.campaign ?? ''];
  const { message, problems } = compose({ post: stored.post, account, limits, run: delivery.run, campaign: campaign && { name: stored.post.campaign ?? '', utm: campaign.utm } });
  const frozen = delivery.intent?.message ?? message;
  return {
    parts: frozen.parts.map((part) => ({ text: part.text, length: measureText(part.text, limits.text), max: limits.text.max, media: part.media.map(({ src, alt }) => ({ src, alt })) })),
    problems, ...(frozen.card === undefined ? {} : { card: frozen.card }), ...(frozen.cw === undefined ? {} : { cw: frozen.cw }), ...(frozen.visibility === undefined ? {} : { visibility: frozen.visibility }),
  };
}

const next: Command = {
  name: 'next', args: '[n]', help: 'preview of the next releases, as each network will show them', examples: ['next', 'next 5'],
  async run(context, { args }) {
    const { store, settings } = context;
    const limit = args[0] === undefined ? 3 : Number(args[0]);
    if (!(Number.isInteger(limit) && limit > 0)) throw new Refusal('next takes a number, such as next 5');
    const planned = await store.listDeliveries({ states: ['planned'], order: 'at', limit });
    const shown = await Promise.all(planned.map(async (one) => {
      const stored = await store.findPost(one.post);
      return { ...toRow(one), ...(stored ? await preview(context, stored, one, await readAccount(store, one.account)) : { parts: [], problems: [] }) };
    }));
    const text = shown.map((one) => [
      `${one.at === undefined ? '' : formatLocal(Date.parse(one.at), settings.zone)}  ${one.delivery}`,
      ...one.parts.map((part) => `${indent(part.text)}\n    (${part.length} of ${part.max}${part.media.length ? `, ${part.media.length} pictures` : ''})`),
      ...one.problems.map((problem) => `    ! ${problem}`),
    ].join('\n')).join('\n\n');
    return { text: text || 'Nothing is planned.', json: shown };
  },
};

const indent = (text: string) => text.split('\n').map((line) => `    ${line}`).join('\n');

const show: Command = {
  name: 'show', args: '<id>', help: 'one post: text for each network, length, media, state, links', examples: ['show hello'],
  async run(context, { args }) {
    const { store, settings } = context;
    const found = await findDeliveries(context, args[0]);
    const id = found[0]?.post ?? '';
    const stored = await store.findPost(id);
    const deliveries = await Promise.all(found.map(async (one) => ({
      ...toRow(one), run: one.run, receipts: one.receipts.map((receipt) => ({ id: receipt.id, url: receipt.url, at: toIso(receipt.at) })), samples: [],
      ...(stored && one.intent && stored.hash !== one.intent.postHash ? { changedSince: true } : {}),
      ...(stored ? await preview(context, stored, one, await readAccount(store, one.account)) : { parts: [], problems: [] }),
    })));
    const text = [
      `${id}${stored?.post.title ? `: ${stored.post.title}` : ''}${stored ? ` (${stored.post.file}${stored.goneAt === undefined ? '' : ', deleted'})` : ''}`,
      ...deliveries.flatMap((one) => [
        '', `${one.delivery} on ${networkNames[one.network as keyof typeof networkNames]}: ${one.state}${one.at ? ` ${formatLocal(Date.parse(one.at), settings.zone)}` : ''}${one.reason ? ` (${one.reason})` : ''}${one.why ? `: ${one.why}` : ''}`,
        ...one.parts.map((part) => `${indent(part.text)}\n    (${part.length} of ${part.max}${part.media.map((picture) => `; ${picture.src}: ${picture.alt || 'no alt text'}`).join('')})`),
        ...one.receipts.map((receipt) => `    ${receipt.url}`), ...one.problems.map((problem) => `    ! ${problem}`),
        ...('changedSince' in one ? ['    ! its file was changed after the release; that changes nothing out there'] : []),
      ]),
    ].join('\n');
    return { text, json: { id, ...(stored ? { title: stored.post.title, file: stored.post.file, campaign: stored.post.campaign, queue: stored.post.queue, hash: stored.hash, gone: stored.goneAt !== undefined } : {}), deliveries } };
  },
};

const journal: Command = {
  name: 'journal', help: 'everything that happened, oldest first', examples: ['journal --since 1d'],
  options: [{ name: '--since', value: '<when>', help: 'how far back: 2h, 1d, yesterday, 2026-11-24' }, { name: '--post', value: '<id>', help: 'one post alone' }, { name: '--limit', value: '<n>', help: 'the newest so many' }],
  async run(context, { options }) {
    const { store, clock, settings } = context;
    const since = options['since'] === undefined ? undefined : parseSince(String(options['since']), clock.now(), settings.zone);
    if (options['since'] !== undefined && since === undefined) throw new Refusal(`"${String(options['since'])}" is no time that is understood: say 2h, 1d, yesterday or 2026-11-24`);
    const entries = await store.listJournal({
      ...(since === undefined ? {} : { since }), ...(options['post'] === undefined ? {} : { post: String(options['post']) }), ...(options['limit'] === undefined ? {} : { limit: Number(options['limit']) }),
    });
    const text = entries.map((entry) => `${formatLocal(entry.at, settings.zone)}  ${entry.by.padEnd(8)}  ${entry.text ?? entry.type}`).join('\n');
    return {
      text: text || 'Nothing happened yet.',
      json: entries.map(({ id: _id, data, at, ...entry }) => ({ at: new Date(at).toISOString(), ...entry, ...(data && !('before' in data) ? { data } : {}) })),
    };
  },
};

const status: Command = {
  name: 'status', help: 'running or paused, next release for each account, failures, version',
  async run(context) {
    const json = await readStatus(context);
    return { text: tellStatus(json, context.settings.zone), json };
  },
};

export async function readStatus(context: CommandContext) {
  const { store, clock, settings, version } = context;
  const now = clock.now();
  const { listServices } = await import('./service-facts.ts');
  const [services, pauses, problems] = await Promise.all([listServices(context), readPause(store), store.findFact<Record<string, { severity: string }[]>>(keys.problems)]);
  const troubles = await store.listDeliveries({ states: ['failed', 'uncertain', 'missed'] });
  const accounts = await Promise.all(settings.accounts.map(async ({ name, network }) => {
    const [fact, [upcoming]] = await Promise.all([readAccount(store, name), store.listDeliveries({ account: name, states: ['planned'], order: 'at', limit: 1 })]);
    const pause = pauseOf(pauses, name, now);
    return {
      name, network, ...(fact.identity ? { handle: fact.identity.handle, url: fact.identity.url } : {}),
      ...(pause ? { paused: pause.until === undefined ? true : toIso(pause.until) } : {}), ...(fact.heldBecause === undefined ? {} : { heldBecause: fact.heldBecause }),
      ...((fact.backoffUntil ?? 0) > now ? { retryAt: toIso(fact.backoffUntil ?? 0), lastError: fact.lastError } : {}),
      ...(upcoming?.at === undefined ? {} : { next: { delivery: upcoming.id, at: toIso(upcoming.at) } }),
      queued: await store.countDeliveries({ account: name, states: ['planned', 'queued', 'waiting'] }),
    };
  }));
  const isPaused = pauseOf(pauses, '', now);
  return {
    version, store: store.kind, sandbox: settings.isSandbox, running: services.length > 0,
    services: services.map(({ worker, pid, host, startedAt, web, heldBecause }) => ({ worker, pid, host, startedAt: toIso(startedAt), ...(web ? { web } : {}), ...(heldBecause ? { heldBecause } : {}) })),
    paused: isPaused === undefined ? null : { by: isPaused.by, since: toIso(isPaused.since), ...(isPaused.until === undefined ? {} : { until: toIso(isPaused.until) }), ...(pauses.isFirstStart ? { firstStart: true } : {}) },
    accounts, failures: troubles.map((one) => ({ ...toRow(one), at: undefined })),
    problems: Object.values(problems?.value ?? {}).flat().filter(({ severity }) => severity === 'error').length,
  };
}

type Status = Awaited<ReturnType<typeof readStatus>>;

function tellStatus(status: Status, zone: string): string {
  const lines = [`Dripline ${status.version}, ${status.sandbox ? 'sandbox, ' : ''}${status.store}: ${status.running ? 'running' : 'not running'}${status.paused ? `, paused${status.paused.until ? ` until ${formatLocal(Date.parse(status.paused.until), zone)}` : ''} by ${status.paused.by}` : ''}`];
  if (status.paused?.firstStart) lines.push('First start with these accounts: see `dripline queue`, then say `dripline resume`.');
  for (const { heldBecause, web } of status.services) {
    if (web) lines.push(`Dashboard: ${web}`);
    if (heldBecause) lines.push(`! held: ${heldBecause}`);
  }
  lines.push('', toTable(['account', 'network', 'next', 'queued', ''], status.accounts.map((one) => [
    one.name, networkNames[one.network], one.next ? `${formatLocal(Date.parse(one.next.at), zone)} ${one.next.delivery}` : '–', String(one.queued),
    one.heldBecause ? `held: ${one.heldBecause}` : one.retryAt ? `tried again in ${formatDuration(Date.parse(one.retryAt) - Date.now())}: ${one.lastError ?? ''}` : one.paused ? 'paused' : (one.handle ?? 'not logged in yet'),
  ])));
  if (status.failures.length) lines.push('', 'Needs you:', ...status.failures.map((one) => `  ${one.delivery} ${one.state}: ${one.reason ?? ''}`));
  if (status.problems) lines.push('', `${status.problems} ${status.problems === 1 ? 'problem' : 'problems'} in the posts folder: see \`dripline check\`.`);
  return lines.join('\n');
}

const plan: Command = {
  name: 'plan', help: 'the calendar ahead, as a table or as a calendar file', examples: ['plan --days 14', 'plan --days 60 --ics > plan.ics'],
  options: [{ name: '--days', value: '<n>', help: 'how far ahead (14)' }, { name: '--ics', help: 'iCalendar' }],
  async run(context, { options }) {
    const { settings, store } = context;
    const days = Number(options['days'] ?? 14);
    if (!(days > 0 && days <= 3660)) throw new Refusal('--days takes a number of days, such as 14');
    const plans = await Promise.all(settings.accounts.map(({ name }) => computePlan(context, name, days * day)));
    const rows = plans.flatMap(({ schedule, deliveries }) => schedule.slots.flatMap((slot) => {
      const one = deliveries.get(slot.delivery);
      return one ? [{ ...one, state: 'planned' as const, at: slot.at, why: slot.why }] : [];
    })).sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    const titles = new Map((await store.findPosts([...new Set(rows.map(({ post }) => post))])).map(({ id, post }) => [id, post.title ?? post.parts[0]?.split('\n')[0] ?? id]));
    if (options['ics']) return { text: toCalendar(rows, titles), json: rows.map(toRow) };
    const text = toTable(['when', 'what', 'text'], rows.map((one) => [formatLocal(one.at, settings.zone), one.id, (titles.get(one.post) ?? '').slice(0, 60)]));
    return { text: rows.length ? text : 'Nothing is planned.', json: rows.map(toRow) };
  },
};

/** RFC 5545: lines folded at 75 bytes, CRLF. */
function toCalendar(rows: (Delivery & { at: number })[], titles: Map<string, string>): string {
  const stamp = (at: number) => `${new Date(at).toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
  const escape = (text: string) => text.replaceAll(/([\\;,])/g, String.raw`\$1`).replaceAll(/\r?\n/g, String.raw`\n`);
  const events = rows.flatMap((one) => [
    'BEGIN:VEVENT', `UID:${one.id}@dripline`, `DTSTAMP:${stamp(one.createdAt)}`, `DTSTART:${stamp(one.at)}`, 'DURATION:PT5M',
    `SUMMARY:${escape(`${one.id}: ${titles.get(one.post) ?? ''}`)}`, `DESCRIPTION:${escape(one.why ?? '')}`, 'END:VEVENT',
  ]);
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Dripline//plan//EN', ...events, 'END:VCALENDAR'].map(fold).join('\r\n');
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

export const looking: Command[] = [status, queue, next, show, plan, journal];
