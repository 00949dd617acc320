import { basename, dirname, join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { type Languages, openLanguages } from '../../core/people/wording/languages.ts';
import { plural } from '../../core/plural.ts';
import { formatProblem } from '../../core/problem.ts';
import { type ReadWording, readWording } from '../../sources/wording/read-wording.ts';

type Placed = Pick<Config, 'file'>;

/** What is in `forms` beside the configuration. */
export async function readWordings({ file }: Placed): Promise<ReadWording> {
  if (file === undefined) return { wordings: [], problems: [] };
  const folder = dirname(file);
  return readWording({ folder: join(folder, 'forms'), label: `${basename(folder)}/forms` });
}

/** In which strangers are spoken to. A file with something wrong in it is left out, and told. */
export async function openLanguagesOf(
  config: Placed,
  log: { warn(text: string): void },
): Promise<Languages> {
  const { wordings, problems } = await readWordings(config);
  const files = Map.groupBy(problems, ({ where }) => where.split(':')[0] ?? '');
  for (const [first, ...more] of files.values())
    if (first) {
      const others = more.length > 0 ? `, and ${plural(more.length, 'more problem')}` : '';
      const advice = 'The language is not used: see `dripline check`';
      log.warn(`${formatProblem(first)}${others}. ${advice}`);
    }
  return openLanguages(wordings);
}
