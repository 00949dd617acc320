import type { StepLink } from '../../core/clicks/click.ts';
import { countLink, lettersOfSteps } from '../../core/clicks/counted-link.ts';
import type { Dispatch } from '../../core/people/dispatch.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Tokens } from '../../io/secrets/sealed-tokens.ts';
import type { Composing } from '../../ports/people/transport.ts';

interface Door {
  /** Where people reach it. */
  doorUrl: string;
  tokens: Tokens;
}

type Counted = Pick<Composing, 'sequence' | 'at'> & { dispatch: Pick<Dispatch, 'id'> };

export interface Counting {
  count(url: string, bare: string): string;
  links(): StepLink[];
}

/**
 * The links of one message, each counted by a code of its own: the same ones however often it is
 * composed. What leads to the door itself goes out as it is.
 */
export function openCounting(
  { doorUrl, tokens }: Door,
  { dispatch, sequence, at }: Counted,
): Counting {
  const found = new Map<string, StepLink>();
  const secret = tokens.make('link', 'codes');
  const own = `${doorUrl}/`;
  return {
    count(target, bare) {
      if (sequence.clicks === 'off' || target === doorUrl || target.startsWith(own)) return target;
      const delivery = dispatch.id;
      const place = { delivery, url: doorUrl, secret, length: lettersOfSteps };
      const { code, url } = countLink(target, place);
      const isPersonal = bare !== target;
      found.set(
        code,
        pickDefined({ code, target, delivery, bare: isPersonal ? bare : undefined, createdAt: at }),
      );
      return url;
    },
    links: () => [...found.values()],
  };
}
