import type { Receipt } from '../../core/post/message.ts';
import { fieldsOf, isReceipt, unreadablePayload } from '../stored-payload.ts';
import type { PostRecord, RepostRecord } from './shapes.ts';

export interface BlueskyPayload {
  did: string;
  handle: string;
  rkey: string;
  record: PostRecord | RepostRecord;
  /** What is reposted: the repost has no address of its own. */
  of?: Receipt;
}

/** Throws PublishError. */
export function parsePayload(payload: unknown): BlueskyPayload {
  const { did, handle, rkey, record, of } = fieldsOf(payload);
  const { $type, createdAt } = fieldsOf(record);
  const texts = [did, handle, rkey, $type, createdAt];
  if (!texts.every((one) => typeof one === 'string') || !(of === undefined || isReceipt(of)))
    throw unreadablePayload('bluesky');
  return payload as BlueskyPayload;
}
