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

const longest = 200;

/** By `Accept-Language`: the first of ours that is named. */
export function wordsFor(accepted = ''): DoorWords {
  const named = accepted
    .slice(0, longest)
    .split(',')
    .map((one) => one.trim().slice(0, 2).toLowerCase());
  return named.find((one) => one === 'en' || one === 'de') === 'de' ? de : en;
}
