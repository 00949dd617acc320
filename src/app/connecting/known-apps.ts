import { readFileSync } from 'node:fs';
import { writePrivately } from '../../config/connected/connected-file.ts';
import type { KnownApp, KnownApps } from '../../ports/connecting/connector.ts';

type Book = Record<string, KnownApp>;

/** `apps.json` in the data folder, for its owner alone. A damaged one is begun anew. */
export function openKnownApps(file: string): KnownApps {
  return {
    read: (server) => readBook(file)[server],
    write(server, app) {
      const { [server]: _before, ...others } = readBook(file);
      writePrivately(file, app ? { ...others, [server]: app } : others);
    },
  };
}

function readBook(file: string): Book {
  try {
    const entries = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as object);
    return Object.fromEntries(
      entries.filter((entry): entry is [string, KnownApp] => isApp(entry[1])),
    );
  } catch {
    return {};
  }
}

function isApp(value: unknown): value is KnownApp {
  if (typeof value !== 'object' || value === null) return false;
  const { clientId, clientSecret, redirects, scopes, at } = value as Partial<KnownApp>;
  const isWhole = [clientId, clientSecret, scopes].every((one) => typeof one === 'string');
  return isWhole && Array.isArray(redirects) && typeof at === 'number';
}
