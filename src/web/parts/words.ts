import type { State } from '../../core/delivery/delivery.ts';

// The words of pages, where those of the code differ.

const stateNames: Partial<Record<State, string>> = {
  planned: 'scheduled',
  releasing: 'publishing',
  released: 'published',
};

export const stateName = (state: State): string => stateNames[state] ?? state;

const surfaces: Record<string, string> = {
  web: 'the dashboard',
  cli: 'the command line',
  dripline: 'Dripline',
};

/** Where a command came from: `the dashboard`, `Telegram`. */
export function sourceOf(by: string): string {
  const [surface = by] = by.split(':');
  return surfaces[surface] ?? surface.charAt(0).toUpperCase() + surface.slice(1);
}

const monthNames =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

/** `2026-11` as `November`. */
export const monthName = (month: string): string => monthNames[Number(month.slice(5)) - 1] ?? month;
