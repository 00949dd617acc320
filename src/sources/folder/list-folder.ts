import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Network, networks } from '../../core/network/network.ts';

const defaultsName = '_defaults.yaml';

/** The files of the folder, as paths below it with slashes; undefined: there is no such folder. */
export async function listFolder(folder: string, skip: string[]): Promise<Set<string> | undefined> {
  const found = new Set<string>();
  const walk = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = below ? `${below}/${entry.name}` : entry.name;
      if (entry.name.startsWith('.')) continue;
      if (!entry.isDirectory()) found.add(path);
      else if (!skip.includes(path) && !isSetAside(entry.name)) await walk(path);
    }
  };
  try {
    await walk('');
    return found;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Folders for files that are no posts. */
const isSetAside = (folder: string) => folder.startsWith('_') || folder === 'drafts';

export function isPostPath(path: string): boolean {
  const name = basename(path);
  return (
    /\.(md|markdown)$/i.test(name) &&
    !name.startsWith('_') &&
    name.toLowerCase() !== 'readme.md' &&
    networkOfSidecar(path) === undefined
  );
}

function networkOfSidecar(path: string): Network | undefined {
  const network = /\.([a-z]+)\.(?:md|markdown)$/i.exec(path)?.[1]?.toLowerCase();
  return networks.find((one) => one === network);
}

/** The texts that one post is made of. */
export interface PostTexts {
  path: string;
  sidecars: { network: Network; path: string }[];
  /** The farthest folder first. */
  defaults: string[];
}

export function textsOf(path: string, listing: ReadonlySet<string>): PostTexts {
  const bare = path.replace(/\.(md|markdown)$/i, '');
  const sidecars = networks.map((network) => ({ network, path: `${bare}.${network}.md` }));
  const folders = path.split('/').slice(0, -1);
  const defaults = [
    defaultsName,
    ...folders.map((_, i) => `${folders.slice(0, i + 1).join('/')}/${defaultsName}`),
  ];
  return {
    path,
    sidecars: sidecars.filter((one) => listing.has(one.path)),
    defaults: defaults.filter((one) => listing.has(one)),
  };
}

export const pathsOf = ({ path, sidecars, defaults }: PostTexts): string[] => [
  path,
  ...sidecars.map((one) => one.path),
  ...defaults,
];
