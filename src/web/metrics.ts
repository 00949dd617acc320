import type { Gauge, Registry } from 'prom-client';
import type { CommandContext } from '../commands/command.ts';
import { readVitals } from '../commands/views/status-read.ts';
import { type State, states } from '../core/delivery/delivery.ts';
import type { ClickSum } from '../ports/store.ts';
import { day, hour, type Instant, second } from '../core/time.ts';

/** Name, help text, labels. */
const gauges = {
  deliveries: [
    'dripline_deliveries',
    'Deliveries by account and state: released, failed, uncertain and so on.',
    ['account', 'state'],
  ],
  queue: ['dripline_queue_length', 'Deliveries that are not published yet.', ['account']],
  next: [
    'dripline_next_release_timestamp_seconds',
    'Time of the next scheduled release. Absent if there is none.',
    ['account'],
  ],
  lag: [
    'dripline_measuring_lag_seconds',
    'How long the oldest due measurement is overdue.',
    ['account'],
  ],
  held: [
    'dripline_account_held',
    '1: nothing is published on the account until someone acts.',
    ['account'],
  ],
  spend: ['dripline_spend_usd', 'Cost of calls to X in this calendar month (UTC).', ['account']],
  budget: ['dripline_budget_usd', 'Budget for these calls. Absent if there is none.', ['account']],
  clicks: [
    'dripline_clicks',
    'How often counted links were opened, by account and kind: person, unsure, machine.',
    ['account', 'kind'],
  ],
  paused: ['dripline_paused', '1: nothing is published.', []],
  running: ['dripline_running', '1: a service is running.', []],
} as const;
type Name = keyof typeof gauges;

interface Figure {
  name: Name;
  labels: Record<string, string>;
  value: number;
}

/** Numbers for Prometheus, read from the store on each request, so that a restart loses nothing. */
export function openMetrics(context: CommandContext): { type: string; read(): Promise<string> } {
  const counted: Counted = new Map();
  const readClicks = openClickFigures(context);
  let opening: Promise<{ register: Registry; made: Record<Name, Gauge> }> | undefined;
  return {
    type: 'text/plain; version=0.0.4; charset=utf-8',
    async read() {
      // Loaded on the first request, since most people have no Prometheus.
      opening ??= import('prom-client').then(buildRegistry);
      const [{ register, made }, figures] = await Promise.all([
        opening,
        readFigures(context, counted, readClicks),
      ]);
      for (const gauge of Object.values(made)) gauge.reset();
      for (const { name, labels, value } of figures) made[name].set(labels, value);
      return register.metrics();
    },
  };
}

/** Gauges that prom-client names like counters. Those without `_total` tell the same. */
const misnamed = ['resources', 'handles', 'requests'].map((of) => `nodejs_active_${of}_total`);

function buildRegistry(prom: typeof import('prom-client')) {
  const register = new prom.Registry();
  prom.collectDefaultMetrics({ register });
  for (const name of misnamed) register.removeSingleMetric(name);
  const made = Object.fromEntries(
    Object.entries(gauges).map(([key, [name, help, labelNames]]) => [
      key,
      new prom.Gauge({ name, help, labelNames: [...labelNames], registers: [register] }),
    ]),
  ) as Record<Name, Gauge>;
  return { register, made };
}

async function readFigures(
  context: CommandContext,
  counted: Counted,
  readClicks: () => Promise<Figure[]>,
): Promise<Figure[]> {
  const [vitals, clicks, ...accounts] = await Promise.all([
    readVitals(context),
    readClicks(),
    ...context.settings.accounts.map(({ name }) => readAccountFigures(context, counted, name)),
  ]);
  const figure = (name: Name, value: number, account?: string): Figure => ({
    name,
    labels: account === undefined ? {} : { account },
    value,
  });
  return [
    figure('paused', vitals.isPaused ? 1 : 0),
    figure('running', vitals.running ? 1 : 0),
    ...vitals.accounts.flatMap(({ name, isHeld, spend }) => [
      figure('held', isHeld ? 1 : 0, name),
      ...(spend ? [figure('spend', spend.microUsd / 1e6, name)] : []),
      ...(spend?.budget === undefined ? [] : [figure('budget', spend.budget / 1e6, name)]),
    ]),
    ...clicks,
    ...accounts.flat(),
  ];
}

/**
 * Of all time: they only rise. None where no link was ever opened. They are all added up, so what
 * takes long is done seldom.
 */
function openClickFigures({ store, clock }: CommandContext): () => Promise<Figure[]> {
  let figures: Figure[] = [];
  let nextAt = -Infinity;
  return async () => {
    const began = clock.monotonic();
    if (began < nextAt) return figures;
    figures = toClickFigures(await store.sumClicks());
    nextAt = clock.monotonic() + 100 * (clock.monotonic() - began);
    return figures;
  };
}

function toClickFigures(all: readonly ClickSum[]): Figure[] {
  const sums = new Map<string, Figure>();
  for (const { delivery, kind, count } of all) {
    // Steps of sequences belong to no account.
    if (!delivery.includes('@')) continue;
    const account = delivery.slice(delivery.lastIndexOf('@') + 1);
    const key = `${account} ${kind}`;
    const before = sums.get(key)?.value ?? 0;
    sums.set(key, { name: 'clicks', labels: { account, kind }, value: before + count });
  }
  return [...sums.values()];
}

/** By account: how many were released before an instant, as they were counted last. */
type Counted = Map<string, { at: Instant; since: Instant; older: number }>;

/** A thread may be released, or a release settled, days after it has begun. */
const settledAfter = 2 * day;
const countAgainAfter = hour;

/** A count walks through all of them: the older ones are counted once an hour. */
async function countReleased(
  { store, clock }: CommandContext,
  counted: Counted,
  account: string,
): Promise<number> {
  const now = clock.now();
  const released = { account, states: ['released'] as const };
  let base = counted.get(account);
  if (!base || Math.abs(now - base.at) >= countAgainAfter) {
    const since = now - settledAfter;
    const all = await store.countDeliveries(released);
    const recent = await store.countDeliveries({ ...released, startedSince: since });
    base = { at: now, since, older: all - recent };
    counted.set(account, base);
  }
  const { since, older } = base;
  return older + (await store.countDeliveries({ ...released, startedSince: since }));
}

const unfinished: readonly State[] = ['waiting', 'queued', 'planned', 'releasing'];

async function readAccountFigures(
  context: CommandContext,
  counted: Counted,
  account: string,
): Promise<Figure[]> {
  const { store, clock } = context;
  const [counts, [next], [due]] = await Promise.all([
    Promise.all(
      states.map(async (state) => ({
        state,
        count:
          state === 'released'
            ? await countReleased(context, counted, account)
            : await store.countDeliveries({ account, states: [state] }),
      })),
    ),
    store.listDeliveries({ account, states: ['planned'], order: 'at', limit: 1 }),
    store.listDeliveries({ account, measureBy: clock.now(), order: 'measureAt', limit: 1 }),
  ]);
  const queued = counts
    .filter(({ state }) => unfinished.includes(state))
    .reduce((sum, { count }) => sum + count, 0);
  return [
    ...counts.map(({ state, count }): Figure => ({
      name: 'deliveries',
      labels: { account, state },
      value: count,
    })),
    { name: 'queue', labels: { account }, value: queued },
    {
      name: 'lag',
      labels: { account },
      value: due?.measureAt === undefined ? 0 : (clock.now() - due.measureAt) / second,
    },
    ...(next?.at === undefined
      ? []
      : [{ name: 'next' as const, labels: { account }, value: next.at / second }]),
  ];
}
