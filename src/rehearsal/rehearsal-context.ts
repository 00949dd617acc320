import type { Settings } from '../core/settings.ts';
import { day, hour } from '../core/time.ts';
import { type Context, defaultTiming } from '../flow/context.ts';
import type { FolderSource } from '../ports/source.ts';
import type { Store } from '../ports/store.ts';
import { openBareImages } from './virtual/bare-images.ts';
import { openVirtualAlarms } from './virtual/virtual-alarms.ts';
import type { VirtualClock } from './virtual/virtual-clock.ts';

/**
 * No one waits for an answer here: numbers and replies are read less often. Follow-ups have
 * measuring times of their own.
 */
const timing = {
  ...defaultTiming,
  repliesEvery: 12 * hour,
  measureAges: [hour, 4 * hour, day, 2 * day, 7 * day],
};

/** The context of a service without publishers, whose warnings become notes. */
export function openContext(
  { settings, folder }: { settings: Settings; folder: FolderSource },
  { store, clock, notes }: { store: Store; clock: VirtualClock; notes: string[] },
) {
  const warn = (text: string) => void (notes.includes(text) || notes.push(text));
  return {
    store,
    clock,
    alarms: openVirtualAlarms(),
    images: openBareImages(),
    publishers: new Map(),
    folder,
    feeds: [],
    settings,
    timing,
    worker: 'rehearsal',
    hold: {},
    met: new Set(settings.accounts.map(({ name }) => name)),
    unsent: new Map(),
    log: { info: () => undefined, warn },
  } satisfies Context;
}
