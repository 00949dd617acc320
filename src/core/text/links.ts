/** A stretch of text that X makes a link of: code units, `end` exclusive. */
export interface Link {
  start: number;
  end: number;
  url: string;
}

// Every country code, and the generic endings that people write most. A link with another ending
// counts as doubtful (see `doubt` in length.ts), so a missing one is not an error.
const countries = anyOf(`
  ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw
  by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et
  eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie
  il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv
  ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr
  nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl
  sm sn so sr st sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc
  ve vg vi vn vu wf ws ye yt za zm zw
`);
const generic = anyOf(`
  academy agency app art biz blog business careers cat church city cloud club coffee com community
  consulting design dev digital directory earth edu education email energy events expert finance fun
  fyi games global gov group guide guru health help homes house info ink institute int international
  jobs land law life link live london love ltd marketing media mil mobi museum name net network news
  ninja one online org page paris partners photo photography photos pics plus press pro productions
  properties pub reviews rocks run sale school science services shop site social software solutions
  space store studio support systems team tech technology tips today tools top tours training travel
  university video website wiki win work works world wtf xyz zone
`);

function anyOf(words: string): string {
  return words.trim().split(/\s+/).join('|');
}

const host = `(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)+(?:${countries}|${generic})`;
const afterHost = '(?![\\w@+]|-|\\.[\\w-])';
const inBrackets = '\\([a-z0-9_.,\\-]+\\)';
const pathSign = "[a-z0-9+\\-=_#\\/.~%&;:,!'*$|]";
const pathEnd = `(?:(?<=[a-z0-9+\\-=_#\\/])|(?<=${inBrackets}))`;
const path = `(?:\\/(?:${pathSign}|${inBrackets})*${pathEnd})`;
const query = "(?:\\?[a-z0-9!*';:=+$\\/%#[\\]\\-_.,~|&@?]*[a-z0-9\\-_&=#\\/])";
const tail = `(?:(?::\\d{1,5}(?=\\/))?${path}${query}?)?`;
const withScheme = `(?<![a-z0-9@＠$#＃_.\\/-])https?:\\/\\/${host}${afterHost}${tail}`;
const bare = `(?<![^\\p{ASCII}\\s]|[a-z0-9@$#_.\\/:-])${host}${afterHost}(?![\\p{L}\\p{M}])${tail}`;
const link = new RegExp(`${withScheme}|${bare}`, 'giu');

/**
 * What X certainly turns into a link, bare domains (`example.com`, `README.md`) included; in order.
 */
export function findLinks(text: string): Link[] {
  const links: Link[] = [];
  for (const match of text.matchAll(link)) {
    const url = match[0];
    // X cuts its own short links after forty characters, and refuses a link beyond its limit.
    if (/t\.co\b/i.test(url) || url.length > 2000) continue;
    links.push({ start: match.index, end: match.index + url.length, url });
  }
  return links;
}

/** Only what is written with `http://` or `https://`: the links that every network knows. */
export function findWebLinks(text: string): Link[] {
  return findLinks(text).filter(({ url }) => /^https?:/i.test(url));
}
