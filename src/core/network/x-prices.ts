import { countHints } from '../text/weighted-links.ts';
import type { Part } from '../post/message.ts';

/**
 * What X bills for, in millionths of a USD: docs.x.com/x-api/getting-started/pricing as it was in
 * August 2026. Reads are billed for each post and each user that an answer brings, once a UTC day;
 * failed requests are free.
 */
export const xPrices = {
  post: 15_000,
  /** A post with anything in it that X takes for a link. */
  linkPost: 200_000,
  repost: 15_000,
  altText: 5_000,
  /**
   * Of a post on the own timeline or among the own mentions, where the app belongs to the account.
   */
  ownRead: 1_000,
  read: 5_000,
  user: 10_000,
} as const;

export type XCharge = keyof typeof xPrices;

/** In millionths of a USD. */
export interface Cost {
  microUsd: number;
  hasLink: boolean;
}

/**
 * X takes bare domains (`example.com`, `README.md`) for links too. In doubt, such as about an
 * ending that is not known here, the dearer.
 */
export const chargeOfText = (text: string): 'post' | 'linkPost' =>
  countHints(text) > 0 || /https?:\/\/[^\s/]+\.\p{L}{2}/iu.test(text) ? 'linkPost' : 'post';

/** What the release of these parts costs. */
export function costOfParts(parts: readonly Part[]): Cost {
  const texts = parts.map(({ text }) => chargeOfText(text));
  const described = parts.flatMap(({ media }) => media).filter(({ alt }) => alt !== '');
  return {
    microUsd: texts.reduce(
      (sum, charge) => sum + xPrices[charge],
      described.length * xPrices.altText,
    ),
    hasLink: texts.includes('linkPost'),
  };
}

export const xBilling = { prices: xPrices, chargeOfText, costOfParts };
export type Billing = typeof xBilling;

/** `3.30 USD`, for people. */
export const formatUsd = (microUsd: number): string => `${(microUsd / 1e6).toFixed(2)} USD`;
