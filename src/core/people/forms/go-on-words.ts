import type { ConfirmationWords } from '../wording/wording.ts';

const words: Record<'en' | 'de', ConfirmationWords> = {
  en: {
    subject: 'Shall we go on? {{params.titles}}',
    text: [
      'You get **{{params.titles}}** from us, and it has been quiet for a while. Shall we go on?',
      '[Yes, go on]({{link}})',
      'If you do nothing, we send you nothing more of it.',
    ].join('\n\n'),
    reason: 'You get this question once.',
  },
  de: {
    subject: 'Sollen wir weitermachen? {{params.titles}}',
    text: [
      'Sie erhalten **{{params.titles}}** von uns, und es war länger still. Sollen wir ' +
        'weitermachen?',
      '[Ja, gern]({{link}})',
      'Wenn Sie nichts tun, senden wir Ihnen nichts mehr davon.',
    ].join('\n\n'),
    reason: 'Sie erhalten diese Frage einmal.',
  },
};

/** The question after a long silence. */
export const goOnWords = (lang: string | undefined): ConfirmationWords =>
  words[lang?.toLowerCase().startsWith('de') ? 'de' : 'en'];
