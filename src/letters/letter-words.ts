import type { Instant } from '../core/time.ts';

interface LetterWords {
  date(at: Instant, { zone, country }: { zone: string; country: string }): string;
  reason(title: string): string;
  stop(url: string): string;
  scan: string;
}

const reasons: Record<string, Omit<LetterWords, 'date'>> = {
  en: {
    reason: (title) => `You get this letter since you asked for "${title}".`,
    stop: (url) => `No more letters: ${url}`,
    scan: 'Scan with your phone',
  },
  de: {
    reason: (title) => `Sie bekommen diesen Brief, weil Sie „${title}“ bestellt haben.`,
    stop: (url) => `Keine Briefe mehr: ${url}`,
    scan: 'Mit dem Telefon scannen',
  },
};

/** What stands on every letter, in the person's language where that is built in. */
export function letterWords(lang: string): LetterWords {
  const known = lang.toLowerCase().split('-')[0] ?? 'en';
  const words = reasons[known] ?? reasons['en'];
  if (!words) throw new Error('there are no English words');
  const language = known in reasons ? lang : 'en';
  return {
    ...words,
    date: (at, { zone, country }) => {
      const own = language === 'en' ? `en-${country === 'US' ? 'US' : 'GB'}` : language;
      return new Intl.DateTimeFormat(own, { dateStyle: 'long', timeZone: zone }).format(at);
    },
  };
}
