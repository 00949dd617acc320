/** Where a link stands in a text, in UTF-16 units, and where it leads. */
export interface Link {
  start: number;
  end: number;
  url: string;
}

const countries = `
  ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs
  bt bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec
  ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy
  hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz
  la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx
  my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re
  ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th
  tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
`;
const generic = `
  com org net edu gov mil int info biz name pro mobi app dev blog page site online store shop
  xyz tech cloud agency design media news social live studio email life world today link click
  space website digital group company zone wiki art club fun systems software academy guru
  tools network city
`;
const endings = `${countries} ${generic}`.trim().split(/\s+/).join('|');
const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const domain = `(?:${label}\\.)+(?:${endings})(?![a-z0-9@-]|\\.[a-z0-9])`;
const rest = '(?::\\d+)?(?:[/?#][^\\s<>"]*)?';
const withScheme = new RegExp(`(?<![a-z0-9@#$/])https?://[^\\s<>"]+`, 'giu');
const xLink = new RegExp(
  `(?<![a-z0-9@#$/])https?://${domain}${rest}|(?<![a-z0-9@#$/._-])${domain}${rest}`,
  'giu',
);

/** Links as Mastodon and Bluesky's readers see them: only with http(s) in front. */
export function findLinks(text: string): Link[] {
  return collect(text, withScheme);
}

/** Links as X sees them: also a bare `example.com`. */
export function findXLinks(text: string): Link[] {
  return collect(text, xLink);
}

function collect(text: string, pattern: RegExp): Link[] {
  return [...text.matchAll(pattern)].map((match) => {
    const shown = trimEnd(match[0]);
    return {
      start: match.index,
      end: match.index + shown.length,
      url: /^https?:/i.test(shown) ? shown : `http://${shown}`,
    };
  });
}

/** A full stop or a bracket after a link belongs to the sentence. */
function trimEnd(link: string): string {
  let shown = link.replace(/[.,:;!?'*]+$/, '');
  while (/[)\]]$/.test(shown) && count(shown, '(') < count(shown, ')'))
    shown = shown.slice(0, -1).replace(/[.,:;!?'*]+$/, '');
  return shown;
}

const count = (text: string, letter: string) => text.split(letter).length - 1;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

export function countGraphemes(text: string): number {
  return [...graphemes.segment(text)].length;
}

/** X's count: 280 is the most for an ordinary account (docs.x.com, counting characters). */
export function weighText(text: string): number {
  const whole = text.normalize('NFC');
  let weight = 0;
  let at = 0;
  for (const link of findXLinks(whole)) {
    weight += weighPlain(whole.slice(at, link.start)) + 23;
    at = link.end;
  }
  return weight + weighPlain(whole.slice(at));
}

function weighPlain(text: string): number {
  let weight = 0;
  for (const { segment } of graphemes.segment(text)) {
    if (/^\p{RGI_Emoji}$/v.test(segment)) weight += 2;
    else for (const letter of segment) weight += isLight(letter.codePointAt(0) ?? 0) ? 1 : 2;
  }
  return weight;
}

const isLight = (point: number) =>
  point <= 0x10ff ||
  (point >= 0x2000 && point <= 0x200d) ||
  (point >= 0x2010 && point <= 0x201f) ||
  (point >= 0x2032 && point <= 0x2037);
