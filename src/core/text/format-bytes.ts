/** `512 B`, `3.4 kB`, `12 MB`, for people: two digits where there are few, whole numbers else. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [Math.max(0, bytes), 0];
  while (unit < units.length - 1 && roundOf(value) >= 1000)
    [value, unit] = [value / 1000, unit + 1];
  return `${roundOf(value)} ${units[unit]}`;
}

const roundOf = (value: number) => (value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
