export interface Ref {
  uri: string;
  cid: string;
}

/** JSON as it goes into the repository: survives the journal unchanged. */
export interface PostRecord {
  $type: 'app.bsky.feed.post';
  text: string;
  createdAt: string;
  facets?: unknown[];
  langs?: string[];
  labels?: { $type: 'com.atproto.label.defs#selfLabels'; values: { val: string }[] };
  reply?: Record<'root' | 'parent', Ref>;
  embed?: Record<string, unknown>;
}

export interface RepostRecord {
  $type: 'app.bsky.feed.repost';
  subject: Ref;
  createdAt: string;
}
