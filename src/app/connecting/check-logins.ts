import type { Config } from '../../config/config.ts';
import type { Limits } from '../../core/network/limits.ts';
import type { Network } from '../../core/network/network.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { second } from '../../core/time.ts';
import { type Abilities, type Publisher, PublishError } from '../../ports/publisher.ts';
import { openPublishers } from '../open-parts.ts';

export interface LoginCheck {
  account: string;
  network: Network;
  ok: boolean;
  handle?: string;
  id?: string;
  url?: string;
  error?: string;
  takesQuotes?: boolean;
  /** What the network says of the account. */
  limits?: Limits;
}

/** Asks each network who the account is. Sends nothing. */
export async function checkLogins(config: Config): Promise<LoginCheck[]> {
  const publishers = await openPublishers(config);
  return Promise.all(
    [...publishers.values()].map(async (publisher): Promise<LoginCheck> => {
      const about = { account: publisher.account, network: publisher.network };
      try {
        const signal = AbortSignal.timeout(20 * second);
        const { id, handle, url } = await publisher.identify(signal);
        const { lacks, takesQuotes } = await findAbilities(publisher, signal);
        const limits = await quietly(publisher.limits(signal));
        const who = { ...about, handle, id, url };
        return pickDefined({ ...who, ok: lacks === undefined, error: lacks, takesQuotes, limits });
      } catch (error) {
        return {
          ...about,
          ok: false,
          error: error instanceof PublishError ? explain(error) : String(error),
        };
      }
    }),
  );
}

const findAbilities = async (publisher: Publisher, signal: AbortSignal): Promise<Abilities> =>
  (await quietly(publisher.abilities?.(signal))) ?? {};

/** Who logs in is well; what cannot be found out beyond that is no error. */
async function quietly<T>(answer: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    return undefined;
  }
}

/** A check is not repeated, whatever the service would do. */
const explain = ({ kind, said, message }: PublishError) => (kind === 'not-sent' ? said : message);
