import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const home = join(import.meta.dirname, '../..');

export interface SourceFile {
  /** From the folder that was asked for, with slashes. */
  path: string;
  text: string;
}

/** Every TypeScript or JavaScript file below a folder of the project. */
export function readSources(folder: string): SourceFile[] {
  const files = readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.(ts|js|mjs)$/.test(path),
  );
  return files.map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(join(home, folder, path), 'utf8'),
  }));
}

export const readText = (path: string) => readFileSync(join(home, path), 'utf8');
