import { networkNames, type Network } from '../core/network/network.ts';
import type { Receipt } from '../core/post/message.ts';
import { PublishError } from '../ports/publisher.ts';

/** The fields of an object; none of anything else. */
export const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

export function isReceipt(value: unknown): value is Receipt {
  const { id, url, at } = fieldsOf(value);
  return typeof id === 'string' && typeof url === 'string' && typeof at === 'number';
}

/** What is found belongs to no delivery yet. */
export const noneTaken = async (_id: string): Promise<boolean> => false;

/** What the store holds was made by another version, or is damaged. */
export const unreadablePayload = (network: Network): PublishError =>
  new PublishError('refused', `what was prepared for ${networkNames[network]} cannot be read`, {
    advice: 'Look at the account, then retry or skip the post',
  });

export const retriedUpload = (src: string, cause: unknown): PublishError =>
  new PublishError('not-sent', `the file made from ${src} cannot be read`, {
    advice: 'Dripline will make it again',
    cause,
  });

export const notRendered = (src: string, network: Network): PublishError =>
  new PublishError('refused', `${src} is not ready for ${networkNames[network]}`, {
    advice: 'Run `check`',
  });
