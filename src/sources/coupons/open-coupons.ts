import { createHash } from 'node:crypto';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { parseCoupons } from '../../core/people/coupons/coupon-file.ts';
import { readCouponCells } from './coupon-cells.ts';
import { formatProblem, Refusal } from '../../core/problem.ts';
import { decodeText } from '../../io/decode-text.ts';
import type { CouponFile, Coupons } from '../../ports/people/coupons.ts';

export interface CouponsPlace {
  postsFolder: string;
  /** What messages call it: `posts`. */
  label: string;
  /** Folders below it with a folder `coupons` of their own, the first that has a file wins. */
  within?: readonly string[];
}

const largest = 8 * 1024 * 1024;
const folderName = 'coupons';

interface Kept {
  stamp: string;
  file: CouponFile;
}

/** `posts/coupons/NAME.csv`, read again only when it has changed. */
export function openCoupons({ postsFolder, label, within = [] }: CouponsPlace): Coupons {
  const kept = new Map<string, Kept>();
  const folders = ['', ...within.map((one) => `${one}/`)].map((one) => `${one}${folderName}`);
  return {
    nameOf: (name) => `${label}/${folderName}/${name}.csv`,
    async read(name) {
      for (const folder of folders) {
        const path = join(postsFolder, folder, `${name}.csv`);
        const stamp = await stampOf(path);
        if (stamp === undefined) continue;
        const known = kept.get(path);
        if (known?.stamp === stamp) return known.file;
        await assertInside(path, postsFolder);
        const file = await readOne(path, `${label}/${folder}/${name}.csv`);
        kept.set(path, { stamp, file });
        return file;
      }
      return undefined;
    },
    async stamp() {
      const all = await Promise.all(folders.map((one) => stampsIn(join(postsFolder, one))));
      return all.join(' ');
    },
  };
}

async function stampsIn(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const csv = names.filter((name) => name.endsWith('.csv')).sort();
  const stamps = await Promise.all(
    csv.map(async (name) => `${name} ${await stampOf(join(folder, name))}`),
  );
  return stamps.join(' ');
}

async function stampOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? `${found.mtimeMs} ${found.size} ${found.ino}` : undefined;
}

async function assertInside(path: string, root: string): Promise<void> {
  const [file, folder] = await Promise.all([realpath(path), realpath(root)]);
  if (!file.startsWith(folder + sep))
    throw new Refusal(`${path} points outside the posts folder: copy the file into it`);
}

async function readOne(path: string, file: string): Promise<CouponFile> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new Refusal(`${file} cannot be read (${error.code}): fix its permissions`);
  });
  if (bytes.length > largest)
    throw new Refusal(`${file} is larger than 8 MB: split it into several files`);
  const text = decodeText(bytes);
  const version = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  if (typeof text === 'string')
    return { file, version, ...parseCoupons(readCouponCells(text, file), file) };
  const where = `${file}:${text.line}:${text.column}`;
  const problem = { where, what: 'is not UTF-8 from here on', hint: 'save it as UTF-8' };
  throw new Refusal(formatProblem({ ...problem, severity: 'error' }));
}
