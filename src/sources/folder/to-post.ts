import { type Network, networks } from '../../core/network/network.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { FollowUp, Post } from '../../core/post/post.ts';
import type { FollowUpRule, FrontMatter } from './front-matter.ts';
import { keepBraces, splitParts, toPlainText } from '../../io/markdown/markdown.ts';
import type { Dates } from './post-dates.ts';

/** What a post is made of, besides its front matter. */
export interface PostPieces {
  id: string;
  path: string;
  file: string;
  parts: string[];
  sidecars: SidecarTexts;
  dates: Dates;
}

/** Texts that stand in files beside the post. */
export interface SidecarTexts {
  networks: Map<Network, string[]>;
  accounts: Map<string, string[]>;
}

/** Without media, and without its hash. */
export function toPost(value: FrontMatter, pieces: PostPieces): Post {
  return {
    source: 'folder',
    id: pieces.id,
    file: pieces.file,
    order: pieces.path,
    hash: '',
    draft: value.draft ?? false,
    weight: value.weight ?? 0,
    approval: value.approval ?? false,
    hashtags: value.hashtags ?? [],
    card: value.card ?? true,
    media: [],
    thread: value.thread ?? 'manual',
    parts: pieces.parts,
    overrides: overridesOf(value, pieces.sidecars.networks),
    followUps: (value.followUps ?? []).map(toFollowUp),
    params: value.params ?? {},
    ...optionalsOf(value, pieces.dates),
    ...accountPartsOf(pieces.sidecars),
  };
}

function optionalsOf(value: FrontMatter, dates: Dates) {
  const { after, evergreen } = value;
  return pickDefined({
    title: value.title,
    networks: value.networks,
    campaign: value.campaign,
    queue: value.queue,
    together: value.together,
    timezone: value.timezone,
    link: value.link,
    lang: value.lang,
    cw: value.cw,
    pin: dates.pin,
    notBefore: dates.notBefore,
    expires: dates.expires,
    after: after && { post: after.post, delayFor: after.delay },
    evergreen:
      evergreen &&
      pickDefined({
        everyFor: evergreen.every,
        variants: evergreen.variants.map(keepBraces),
        times: evergreen.times,
        until: dates.until,
      }),
  });
}

/** Absent where there are none, so that the hashes of posts stay. */
const accountPartsOf = ({ accounts }: SidecarTexts) =>
  accounts.size ? { accountParts: Object.fromEntries(accounts) } : {};

function overridesOf(value: FrontMatter, sidecars: SidecarTexts['networks']): Post['overrides'] {
  const overrides: Post['overrides'] = {};
  for (const network of networks) {
    const own = value[network];
    const parts = sidecars.get(network) ?? toParts(own?.text);
    if (own || parts)
      overrides[network] = pickDefined({
        skip: own?.skip,
        labels: own?.labels,
        visibility: own?.visibility,
        parts,
      });
  }
  return overrides;
}

const toFollowUp = (rule: FollowUpRule): FollowUp =>
  pickDefined({
    as: rule.as,
    when: rule.when,
    otherwise: rule.otherwise,
    afterFor: rule.after,
    withinFor: rule.within,
    else: rule.else,
    parts: toParts(rule.text),
    post: rule.post,
    followUps: rule.followUps?.map(toFollowUp),
  });

const toParts = (text: string | undefined): string[] | undefined =>
  text === undefined ? undefined : splitParts(text).map((part) => toPlainText(part).text);
