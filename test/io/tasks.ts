export function spin(forMs: number) {
  for (const end = performance.now() + forMs; performance.now() < end;);
  return 'spun';
}

export const processOf = () => process.pid;

export function fail(what: string) {
  throw new Error(`cannot read ${what}`);
}

export const deepen = (): number => 1 + deepen();

export function fill() {
  const all: string[][] = [];
  for (;;) all.push(Array.from({ length: 100_000 }, (_, i) => `${i} of many`));
}

export const environment = () => ({ ...process.env });

export function endless() {
  for (;;);
}
