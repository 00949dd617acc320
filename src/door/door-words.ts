/** What strangers read, in their own language where it is known. */
export interface DoorWords {
  lang: string;
  unsubscribeTitle: string;
  unsubscribeFrom: string;
  unsubscribe: string;
  unsubscribeAll: string;
  stopped: string;
}

const en: DoorWords = {
  lang: 'en',
  unsubscribeTitle: 'Stop these messages?',
  unsubscribeFrom: 'You get these messages since you asked for',
  unsubscribe: 'Stop these messages',
  unsubscribeAll: 'Stop all messages',
  stopped: 'Done. You get no more of these messages.',
};

const de: DoorWords = {
  lang: 'de',
  unsubscribeTitle: 'Diese Nachrichten abbestellen?',
  unsubscribeFrom: 'Sie erhalten diese Nachrichten, weil Sie sich angemeldet haben für',
  unsubscribe: 'Diese Nachrichten abbestellen',
  unsubscribeAll: 'Alle Nachrichten abbestellen',
  stopped: 'Erledigt. Sie erhalten keine dieser Nachrichten mehr.',
};

const all = [en, de];
const longest = 200;
/** Such as `de-AT;q=0.8`. */
const range = /^([a-z]{2,3})(?:-[a-z0-9-]{1,30})?(?:\s*;\s*q=([01](?:\.\d{0,3})?))?$/i;

/** By `Accept-Language`: the one of ours that is liked best. */
export function wordsFor(accepted = ''): DoorWords {
  let best = { words: en, liking: 0 };
  for (const one of accepted.slice(0, longest).split(',')) {
    const [, lang = '', q = '1'] = range.exec(one.trim()) ?? [];
    const words = all.find((known) => known.lang === lang.toLowerCase());
    if (words && Number(q) > best.liking) best = { words, liking: Number(q) };
  }
  return best.words;
}
