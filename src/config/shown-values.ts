import { credentialsIn, hideCredentials } from '../core/text/credentials.ts';
import type { Config } from './config.ts';
import type { ParsedConfig } from './parse-config.ts';
import { type RawConfig, secretKeys } from './schema.ts';

interface Found {
  value: string;
  from: string;
}

/** Each value with where it comes from, secrets as dots. */
export function showValues(
  { raw, origins, label }: ParsedConfig,
  mongo: Found | undefined,
): Config['shown'] {
  const shown = flatten(raw).map(([path, value]) => {
    const key = path.join('.');
    const inside = [...origins].find(([one]) => one.startsWith(`${key}.`))?.[1];
    return { key, value: hideSecrets(path, value), from: origins.get(key) ?? inside ?? label };
  });
  if (!mongo) return shown;
  const value = hideCredentials(mongo.value);
  return [...shown, { key: 'MONGODB_URI', value, from: mongo.from }];
}

/** Lists stay whole. */
function flatten(value: unknown, path: string[] = []): [path: string[], value: unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, one]) => flatten(one, [...path, key]));
}

function hideSecrets(path: string[], value: unknown): string {
  if (secretKeys.has(path.at(-1) ?? '')) return '…';
  const text = Array.isArray(value)
    ? JSON.stringify(value, (name, one: unknown) => (secretKeys.has(name) ? '…' : one))
    : String(value);
  return hideCredentials(text);
}

/** Values that must never be written out. */
export function secretsOf(raw: RawConfig, ...addresses: (string | undefined)[]): string[] {
  const found: string[] = [];
  const walk = (value: unknown, key: string) => {
    if (typeof value === 'string' && secretKeys.has(key)) found.push(value);
    if (typeof value === 'string') found.push(...credentialsIn(value));
    else if (typeof value === 'object' && value !== null)
      for (const [name, one] of Object.entries(value)) walk(one, name);
  };
  walk(raw, '');
  for (const one of addresses) if (one) found.push(...credentialsIn(one));
  return found.filter((value) => value.length >= 4);
}
