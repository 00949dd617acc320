/** What strangers read, in their own language where it is known. */
export interface DoorWords {
  lang: string;
  unsubscribeTitle: string;
  unsubscribeFrom: string;
  unsubscribe: string;
  unsubscribeAll: string;
  stopped: string;
  /** Over a list of what a person gets. */
  choose: string;
  saveChoice: string;
  chosen: string;
  stillGet(titles: string): string;
  formTitle: string;
  mail: string;
  name: string;
  optional: string;
  leaveEmpty: string;
  send: string;
  error: string;
  wrongMail: string;
  wrongName: string;
  changed: string;
  /** What somebody agrees to who sends the form. */
  consent(titles: string): string;
  lookTitle: string;
  look: string;
  busyTitle: string;
  busy: string;
  unreadableTitle: string;
  unreadable: string;
  confirmTitle: string;
  notYet: string;
  confirm: string;
  confirmedTitle: string;
  confirmed(titles: string): string;
  oldTitle: string;
  old: string;
}

const en: DoorWords = {
  lang: 'en',
  unsubscribeTitle: 'Stop these messages?',
  unsubscribeFrom: 'You get these messages since you asked for',
  unsubscribe: 'Stop these messages',
  unsubscribeAll: 'Stop all messages',
  stopped: 'Done. You get no more of these messages.',
  choose: 'Or choose what you keep',
  saveChoice: 'Keep what is ticked',
  chosen: 'Done. Your choice holds from now on.',
  stillGet: (titles) => `You still get: ${titles}.`,
  formTitle: 'Sign up',
  mail: 'Mail address',
  name: 'Name',
  optional: 'optional',
  leaveEmpty: 'Leave this empty',
  send: 'Sign up',
  error: 'Error',
  wrongMail: 'Enter a mail address such as name@example.org.',
  wrongName: 'Enter a name of at most 60 characters, without an address of a page.',
  changed: 'What you agree to has changed meanwhile. Read it, and send the form again.',
  consent: (titles) =>
    `I want to get “${titles}” by mail. I can stop it at any time by a link in each mail.`,
  lookTitle: 'One more step: look into your inbox',
  look:
    'If mail can be sent to this address, a mail with a link is on its way. Only when you have ' +
    'confirmed there does anything begin. It may take some minutes, or be among the spam; it is ' +
    'sent once a day at most.',
  busyTitle: 'Too many forms were sent',
  busy: 'Please try again in an hour.',
  unreadableTitle: 'The form could not be read',
  unreadable: 'Go back, and send it again with fewer or shorter entries.',
  confirmTitle: 'Almost done',
  notYet: 'It is not finished yet: press the button to get',
  confirm: 'Confirm',
  confirmedTitle: 'Thank you',
  confirmed: (titles) => `You have confirmed. You now get “${titles}” by mail.`,
  oldTitle: 'This link is too old',
  old: 'Please fill in the form again.',
};

const de: DoorWords = {
  lang: 'de',
  unsubscribeTitle: 'Diese Nachrichten abbestellen?',
  unsubscribeFrom: 'Sie erhalten diese Nachrichten, weil Sie sich angemeldet haben für',
  unsubscribe: 'Diese Nachrichten abbestellen',
  unsubscribeAll: 'Alle Nachrichten abbestellen',
  stopped: 'Erledigt. Sie erhalten keine dieser Nachrichten mehr.',
  choose: 'Oder wählen Sie, was Sie behalten',
  saveChoice: 'Angekreuztes behalten',
  chosen: 'Erledigt. Ihre Wahl gilt ab jetzt.',
  stillGet: (titles) => `Sie erhalten weiterhin: ${titles}.`,
  formTitle: 'Anmelden',
  mail: 'E-Mail-Adresse',
  name: 'Name',
  optional: 'freiwillig',
  leaveEmpty: 'Bitte leer lassen',
  send: 'Anmelden',
  error: 'Fehler',
  wrongMail: 'Geben Sie eine E-Mail-Adresse wie name@example.org ein.',
  wrongName: 'Geben Sie einen Namen mit höchstens 60 Zeichen und ohne Internetadresse ein.',
  changed:
    'Der Text, dem Sie zustimmen, wurde inzwischen geändert. Lesen Sie ihn, und senden Sie das ' +
    'Formular noch einmal.',
  consent: (titles) =>
    `Ich möchte „${titles}“ per E-Mail erhalten. Ich kann das jederzeit über einen Link in jeder ` +
    'Mail beenden.',
  lookTitle: 'Noch ein Schritt: Sehen Sie in Ihr Postfach',
  look:
    'Wenn an diese Adresse Mails gesandt werden können, ist eine mit einem Link unterwegs. Erst ' +
    'wenn Sie dort bestätigt haben, beginnt etwas. Das kann einige Minuten dauern, oder sie ' +
    'liegt im Spam; gesandt wird sie höchstens einmal am Tag.',
  busyTitle: 'Es wurden zu viele Formulare gesandt',
  busy: 'Bitte versuchen Sie es in einer Stunde noch einmal.',
  unreadableTitle: 'Das Formular konnte nicht gelesen werden',
  unreadable: 'Gehen Sie zurück, und senden Sie es mit weniger oder kürzeren Angaben noch einmal.',
  confirmTitle: 'Fast geschafft',
  notYet: 'Es ist noch nicht abgeschlossen: Drücken Sie den Knopf, um Folgendes zu erhalten:',
  confirm: 'Bestätigen',
  confirmedTitle: 'Vielen Dank',
  confirmed: (titles) => `Sie haben bestätigt. Sie erhalten nun „${titles}“ per E-Mail.`,
  oldTitle: 'Dieser Link ist zu alt',
  old: 'Bitte füllen Sie das Formular noch einmal aus.',
};

export const allWords = [en, de];
const longest = 200;
/** Such as `de-AT;q=0.8`. */
const range = /^([a-z]{2,3})(?:-[a-z0-9-]{1,30})?(?:\s*;\s*q=([01](?:\.\d{0,3})?))?$/i;

/** By `Accept-Language`: the one of ours that is liked best. */
export function wordsFor(accepted = ''): DoorWords {
  let best = { words: en, liking: 0 };
  for (const one of accepted.slice(0, longest).split(',')) {
    const [, lang = '', q = '1'] = range.exec(one.trim()) ?? [];
    const words = allWords.find((known) => known.lang === lang.toLowerCase());
    if (words && Number(q) > best.liking) best = { words, liking: Number(q) };
  }
  return best.words;
}
