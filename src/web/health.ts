import type { Hono } from 'hono';
import type { CommandContext } from '../commands/command.ts';
import { ageOfServices, silentAfter } from '../commands/views/service-facts.ts';
import { formatDuration, minute, second } from '../core/time.ts';
import { StoreError } from '../ports/store.ts';
import type { Env } from './access/visit.ts';

/** A store that was silent for so long does not come back by itself. */
const silentFor = minute;
/** Whoever asks more often gets the same answer: each costs a write. */
const askedEvery = second;
const fact = 'ready';
const troubles: Partial<Record<StoreError['kind'], string>> = {
  unavailable: 'the store does not answer',
  full: 'the disk is full',
  'read-only': 'the store cannot be written',
  broken: 'the store is damaged',
};

/** `/healthz`: it lives and has its store. `/readyz`: the store takes writes, the service beats. */
export function addHealth(app: Hono<Env>, context: CommandContext, warn?: (text: string) => void) {
  const { store } = context;
  app.get('/healthz', (c) => {
    const silence = store.silentFor?.() ?? 0;
    if (silence < silentFor) return c.text('ok');
    return c.text(`the store has not answered for ${formatDuration(silence)}`, 503);
  });
  const ready = openReady(context, warn);
  app.get('/readyz', async (c) => {
    const trouble = await ready();
    return trouble === undefined ? c.text('ready') : c.text(trouble, 503);
  });
}

/** What is wrong; undefined: nothing. */
function openReady(
  context: CommandContext,
  warn?: (text: string) => void,
): () => Promise<string | undefined> {
  let last: Promise<string | undefined> | undefined;
  let askedAt = -Infinity;
  return () => {
    const now = context.clock.monotonic();
    if (last && now - askedAt < askedEvery) return last;
    askedAt = now;
    // Everyone may ask: where the store is stands in the log alone.
    last = findTrouble(context).catch((error: unknown) => {
      warn?.(`/readyz: ${error instanceof Error ? error.message : String(error)}`);
      const what = error instanceof StoreError ? troubles[error.kind] : undefined;
      return `not ready: ${what ?? 'an error'}, see the log`;
    });
    return last;
  };
}

async function findTrouble(context: CommandContext): Promise<string | undefined> {
  const { store, clock } = context;
  const age = await ageOfServices(context);
  if (age === undefined) return 'not ready: Dripline is starting';
  if (age > silentAfter)
    return `not ready: the service has not been heard for ${formatDuration(age)}`;
  const before = await store.findFact(fact);
  await store.putFact(fact, clock.now(), before?.revision ?? 0);
  return undefined;
}
