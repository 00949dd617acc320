/** A value inside of what somebody sent; undefined where there is none. */
export function fieldOf(value: unknown, ...path: string[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

const longest = 2000;

/** A text or a number, cut; else an empty text. */
export function textOf(value: unknown, ...path: string[]): string {
  const found = fieldOf(value, ...path);
  return typeof found === 'string' || typeof found === 'number'
    ? String(found).slice(0, longest)
    : '';
}

export const listOf = (value: unknown, ...path: string[]): unknown[] => {
  const found = fieldOf(value, ...path);
  return Array.isArray(found) ? found : [];
};

/** Undefined: it is no JSON. */
export function parseJson(text: string | Buffer): unknown {
  try {
    return JSON.parse(text.toString()) as unknown;
  } catch {
    return undefined;
  }
}
