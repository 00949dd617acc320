import { media } from '../../core/people/person.ts';
import { formatLocal, toIso } from '../../core/time.ts';
import { readTrouble } from '../../flow/people/sending/transport-trouble.ts';
import type { CommandContext } from '../command.ts';

/** A way to people on which nothing goes out just now. */
export interface Resting {
  medium: string;
  /** In the words of the other side. */
  said: string;
  until: string;
}

export async function readResting({
  store,
  clock,
}: Pick<CommandContext, 'store' | 'clock'>): Promise<Resting[]> {
  const troubles = await Promise.all(media.map((one) => readTrouble(store, one)));
  return media.flatMap((medium, i) => {
    const trouble = troubles[i];
    if (!trouble || trouble.until <= clock.now()) return [];
    return [{ medium, said: trouble.said, until: toIso(trouble.until) }];
  });
}

export const tellResting = ({ medium, said, until }: Resting, zone: string): string =>
  `no ${medium} goes out until ${formatLocal(Date.parse(until), zone)}: ${said}`;
