import type { Config } from '../../config/config.ts';
import { second } from '../../core/time.ts';
import type { DoorParts, PublicDoor } from '../../door/open-door.ts';
import type { PeopleDoor } from '../../door/people/people-door.ts';
import type { Log } from '../../flow/context.ts';
import { makeCounting } from '../../flow/links/counted-links.ts';
import { startAgain } from '../../flow/start-again.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';

interface Around {
  store: Store;
  clock: Clock;
  log: Log;
  /** Pages and doors are wanted. */
  hasWeb: boolean;
  counting?: DoorTiming;
}

export type DoorTiming = NonNullable<DoorParts['timing']>;

/** A day of the sandbox takes seconds. */
const fast: DoorTiming = { burstFor: second, flushEvery: second };

/**
 * The public door, and the configuration as it holds with it. The sandbox goes on without: then its
 * links go out as they are.
 */
export async function openPublicOf(
  config: Config,
  { store, clock, log, hasWeb, counting }: Around,
): Promise<{ config: Config; door?: PublicDoor }> {
  if (!config.public) return { config };
  const { public: place, links: _links, ...without } = config;
  if (config.isSandbox && !hasWeb) return { config: without };
  const { openPublicDoor, PortTaken } = await import('../../door/open-door.ts');
  const timing = counting ?? (config.isSandbox ? fast : undefined);
  const { warn } = log;
  try {
    // Previews show the codes that will go out.
    if (config.links)
      await startAgain(() => makeCounting({ store, settings: config }), { log, tries: 10 });
    const people = await openPeopleAt(config, { store, clock, warn });
    const parts = { ...place, store, clock, warn, timing, people };
    return { config, door: await openPublicDoor(parts) };
  } catch (error) {
    if (!config.isSandbox || !(error instanceof PortTaken)) throw error;
    log.warn(
      `Links are not counted this time: port ${place.port} is taken by another program. ` +
        'Everything else works.',
    );
    return { config: without };
  }
}

/** Ways in and out for people, where mail is sent to them. */
async function openPeopleAt(
  config: Config,
  around: { store: Store; clock: Clock; warn: Log['warn'] },
): Promise<PeopleDoor | undefined> {
  if (!config.mail) return undefined;
  const { openPeopleDoor } = await import('../people/open-people-door.ts');
  return openPeopleDoor(config, around);
}
