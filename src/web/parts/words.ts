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
