interface MailWords {
  /** What the mail says its language is. */
  lang: string;
  unsubscribe: string;
}

const unsubscribe: Record<string, string> = {
  en: 'Unsubscribe',
  de: 'Abmelden',
};

/** What stands under every mail, in the language of its text where that is built in. */
export function wordsIn(written: string | undefined): MailWords {
  const lang = /^[a-z]{2,3}(-[a-z0-9]{1,8}){0,4}$/i.test(written ?? '') ? (written ?? 'en') : 'en';
  const known = lang.toLowerCase().split('-')[0] ?? 'en';
  return { lang, unsubscribe: unsubscribe[known] ?? 'Unsubscribe' };
}
