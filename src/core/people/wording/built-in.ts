import type { Wording } from './wording.ts';

const en: Wording = {
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
  inMails: {
    unsubscribe: 'Unsubscribe',
    reason: (title) => `You get this mail since you asked for "${title}".`,
  },
  confirmation: {
    subject: 'Please confirm: {{params.titles}}',
    text: [
      'Somebody, most likely you, filled in a form on {{params.when}} with this address, to get ' +
        '**{{params.titles}}** by mail.',
      '[Confirm]({{link}})',
      'Nothing is sent to you until you have confirmed. If it was not you, ignore this mail: ' +
        'then nothing happens.',
    ].join('\n\n'),
    reason: 'You get this mail once, since a form was filled in with this address.',
  },
};

const de: Wording = {
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
  inMails: {
    unsubscribe: 'Abmelden',
    reason: (title) => `Sie erhalten diese Mail, weil Sie sich für „${title}“ angemeldet haben.`,
  },
  confirmation: {
    subject: 'Bitte bestätigen: {{params.titles}}',
    text: [
      'Jemand, vermutlich Sie selbst, hat am {{params.when}} ein Formular mit dieser Adresse ' +
        'ausgefüllt, um **{{params.titles}}** per E-Mail zu erhalten.',
      '[Bestätigen]({{link}})',
      'Bis Sie bestätigt haben, wird Ihnen nichts zugesandt. Wenn Sie es nicht waren, ignorieren ' +
        'Sie diese Mail: Dann geschieht nichts.',
    ].join('\n\n'),
    reason:
      'Sie erhalten diese Mail einmal, weil ein Formular mit dieser Adresse ausgefüllt wurde.',
  },
};

export const builtIn: readonly Wording[] = [en, de];
