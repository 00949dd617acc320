import { stat } from 'node:fs/promises';
import { Refusal } from '../../core/problem.ts';
import type { ImageFacts, Images } from '../../ports/images.ts';

/** Only checks that images exist; renders nothing, since no one will see them. */
export function openBareImages(): Images {
  const known = new Map<string, Promise<ImageFacts>>();
  const inspect = (file: string) => {
    const facts = known.get(file) ?? look(file);
    known.set(file, facts);
    return facts;
  };
  return {
    inspect,
    whyUnfit: async () => undefined,
    render: async ({ file }) => ({ path: file, sha256: '', ...(await inspect(file)) }),
  };
}

async function look(file: string): Promise<ImageFacts> {
  const { size } = await stat(file).catch(() => {
    throw new Refusal(`${file} does not exist: restore the picture, or remove it from the post`);
  });
  return { mime: 'image/jpeg', width: 0, height: 0, bytes: size };
}
