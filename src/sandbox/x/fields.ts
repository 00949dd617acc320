import { denyInvalid } from './answers.ts';

/*
 * What X takes in `fields` and `expansions`: the names of 2026 as its specification lists them (a
 * test compares them with it), and those of before.
 */

/** Of the specification of August 2026. */
export const newFields: Record<string, string> = {
  'post.fields':
    'article article_title attachments card_uri community_id context_annotations ' +
    'conversation_id created_at display_text_range edit_controls entities geo id lang ' +
    'matched_media_notes media_metadata non_public_metrics note_post note_request_suggestions ' +
    'organic_metrics paid_partnership possibly_sensitive promoted_metrics public_metrics ' +
    'reply_settings scopes source suggested_source_links suggested_source_links_with_counts ' +
    'text withheld',
  expansions:
    'article.cover_media article.media_entities attachments.media_keys ' +
    'attachments.media_source_tweet attachments.poll_ids author_id edit_history_post_ids ' +
    'entities.mentions.username geo.place_id in_reply_to_user_id referenced_posts username',
  'user.fields':
    'confirmed_email connection_status created_at description entities id ' +
    'is_identity_verified location name parody profile_banner_url profile_image_url protected ' +
    'public_metrics receives_your_dm subscribes_to_you subscription subscription_type url ' +
    'username verified verified_followers_count verified_type withheld',
};

const oldFields: Record<string, string> = {
  'tweet.fields':
    'article attachments author_id card_uri community_id context_annotations conversation_id ' +
    'created_at display_text_range edit_controls edit_history_tweet_ids entities geo id ' +
    'in_reply_to_user_id lang media_metadata non_public_metrics note_tweet organic_metrics ' +
    'possibly_sensitive promoted_metrics public_metrics referenced_tweets reply_settings ' +
    'scopes source text withheld',
  expansions:
    'article.cover_media article.media_entities attachments.media_keys ' +
    'attachments.media_source_tweet attachments.poll_ids author_id edit_history_tweet_ids ' +
    'entities.mentions.username geo.place_id in_reply_to_user_id ' +
    'entities.note.mentions.username referenced_tweets.id referenced_tweets.id.author_id',
};

/** A request speaks one of the two spellings: `tweet.fields`, or `post.fields`. */
export function requireKnownFields(query: URLSearchParams): void {
  const known = query.has('post.fields') ? newFields : { ...newFields, ...oldFields };
  for (const [name, values] of Object.entries(known)) {
    const allowed = values.split(' ');
    const given = (query.get(name) ?? '').split(',').filter(Boolean);
    const index = given.findIndex((value) => !allowed.includes(value));
    if (index < 0) continue;
    const where = `The \`${name}\` query parameter`;
    denyInvalid(`${where} has an invalid value '${given[index]}' at index ${index}`, {
      [name]: given,
    });
  }
}
