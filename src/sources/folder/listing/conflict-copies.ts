/** How file managers end the names of copies: `offer copy 2`, `offer - Kopie`. */
const copyWords =
  `copy kopie kopia kopi kopio kopya kopyası copie copia cópia còpia másolat másolata
  копия копія αντίγραφο salinan eintak コピー 副本 拷贝 拷貝 複本 複製 복사본 사본 עותק نسخة สำเนา`
    .split(/\s+/)
    .join('|');

/** How they begin: `Copy of offer`, `Kopie von offer`. */
const copyOpenings = [
  "copy of|kopie von|kopie van|copie de|copie d'|copia de|copia di|cópia de|còpia de|kopia av",
  'kopi af|kopi av|kopia|kopie|копия|копія|αντίγραφο του|bản sao của|salinan|コピー ～|コピー',
].join('|');

/** How sync tools write that two versions met. */
const conflictWords = [
  'conflict|conflicted|conflicting|sfconflict|konflikt\\p{L}*|conflit|conflicto|conflitto|conflito',
  'conflicte|conflicterend\\p{L}*|conflictueuse|kolizj\\p{L}*|modstridende|motstridende',
  'ristirii\\p{L}*|ütköz\\p{L}*|çakış\\p{L}*|конфлик\\p{L}*|конфлікт\\p{L}*|σύγκρουση\\p{L}*',
  'xung đột|case clash|edit conflict',
].join('|');
const eastern = '競合|冲突|衝突|충돌|ขัดแย้ง';
const inBrackets =
  `[([（][^()（）[\\]]*(?:(?<!\\p{L})(?:${conflictWords})(?!\\p{L})|${eastern})` +
  '[^()（）[\\]]*[)\\]）](?: ?\\(?\\d*\\)?)$';

const isConflict = new RegExp(
  [
    '\\.sync-conflict-\\d{8}-\\d{6}',
    '[._ -]conflict(?:ed)?[-_ ]?(?:copy)?[-_ ]?\\d{4,}',
    '_conflict$',
    '\\.conflict(?:\\(\\d+\\)|\\d*)$',
    '[._](?:backup|base|local|remote)[._]\\d+$',
    inBrackets,
  ].join('|'),
  'iu',
);

/** What may be a title of its own is a copy only beside the file that it is named after. */
const endings = [
  `(?:\\s|[-_]|の|的)+\\(?(?:${copyWords})\\)?(?:[\\s_-]*\\(?\\d{1,3}\\)?)?$`,
  '[\\s._-]+\\p{L}{0,2}conflict(?:ed)?(?:[\\s._-]+[\\d.-]{1,20})?$',
  ' ?[(（]\\d{1,3}[)）]$',
  '-(?:desktop|laptop|win)-[a-z0-9]{5,12}(?:-\\d{1,3})?$',
  "-[\\p{L}\\p{N}’' -]{0,30}(?:macbook|imac|mac mini|mac-mini)[\\p{L}\\p{N} -]{0,20}$",
  ' ?[([](?:copy|conflict)[^()[\\]]*[)\\]]$',
].map((ending) => new RegExp(ending, 'iu'));
const opening = new RegExp(`^(?:${copyOpenings})\\s+`, 'iu');

const longestName = 300;

/**
 * The file that this one is a copy of, as sync tools and file managers name copies: its name, or
 * `''` where the name alone does not tell. Undefined: it is no copy. `others` are the names in the
 * same folder. Names are without their extensions.
 */
export function findOriginal(name: string, others: ReadonlySet<string>): string | undefined {
  const plain = name.slice(0, longestName).normalize('NFC');
  const named = [opening, ...endings, isConflict]
    .map((pattern) => plain.replace(pattern, '').trim())
    .find((rest) => rest !== plain && others.has(rest));
  if (named !== undefined) return named;
  return isConflict.test(plain) ? '' : undefined;
}
