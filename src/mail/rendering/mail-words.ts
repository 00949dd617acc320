/** What a mail says that its language is. */
export const tagOf = (written: string | undefined): string =>
  /^[a-z]{2,3}(-[a-z0-9]{1,8}){0,4}$/i.test(written ?? '') ? (written ?? 'en') : 'en';
