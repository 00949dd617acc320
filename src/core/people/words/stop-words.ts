import { foldWord, saysWord, wordsOf } from './own-words.ts';

/** What people write who want no more, in many languages; folded when it is compared. */
const stops = [
  'stop stopp unsubscribe unsub optout opt-out quit cancel',
  'abmelden abbestellen austragen aufhören schluss',
  'arrêt arrêter arrêtez désabonner désinscrire désinscription désabonnement',
  'baja parar pare cancelar desuscribir sair basta disiscrivimi cancellami',
  'stoppen afmelden uitschrijven avsluta avregistrera afmeld avmeld lopeta peruuta',
  'wypisz rezygnuję odhlásit zrušit odhlásiť leiratkozás dezabonare',
  'dur durdur iptal стоп отписаться хватит відписатися στοπ διακοπή',
  '停止 配信停止 ストップ 解除 退订 退訂 중지 수신거부 توقف إلغاء עצור הסר הפסק रोकें',
]
  .join(' ')
  .split(' ')
  .map(foldWord);

const phrases = ['remove me', 'opt out', 'keine nachrichten', 'no more'].map(foldWord);

/** "Don't stop": the opposite. */
const negations = new Set(
  "don't don’t dont never can't can’t cant cannot won't not non nicht nie niemals ne".split(' '),
);
const mostWords = 4;

/** Whether somebody wants no more: the whole answer says so, or a word of a short one. */
export function saysStop(own: string): boolean {
  const words = wordsOf(own);
  if (words.length === 0 || words.length > mostWords) return false;
  const said = words.join(' ');
  if (phrases.some((phrase) => ` ${said} `.includes(` ${phrase} `))) return true;
  const isStop = (one: string, at: number) =>
    stops.includes(one) && !negations.has(words[at - 1] ?? '');
  if (words.some(isStop)) return true;
  return stops.some((one) => !words.includes(one) && saysWord(own, one));
}
