import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/**
 * How Dripline is called here: in the image by its name, in a clone or where it is installed by
 * npx. In any other folder npx would fetch the package of someone else.
 */
export function findProgram({
  home,
  folder,
  environment,
}: {
  home: string;
  folder: string;
  environment: NodeJS.ProcessEnv;
}): string {
  const { DRIPLINE_PROGRAM: given } = environment;
  if (given) return given;
  const isHere = isSame(home, folder) || isSame(home, join(folder, 'node_modules', 'dripline'));
  return isHere ? 'npx dripline' : `node ${quoted(join(home, 'bin', 'dripline.js'))}`;
}

const isSame = (a: string, b: string) => existsSync(b) && realpathSync(a) === realpathSync(b);

const quoted = (path: string) => (/^[\w@%+=:,./-]+$/.test(path) ? path : JSON.stringify(path));
