/** In pixels: a line that is comfortable to read. */
export const widest = 560;

export interface Frame {
  lang: string;
  subject: string;
  preview: string;
  /** Inner HTML. */
  body: string;
  footer: { postalAddress: string; reason: string; unsubscribe: Link | undefined };
}

interface Link {
  url: string;
  words: string;
}

export const escapeHtml = (text: string): string =>
  text.replaceAll(
    /[&<>"']/g,
    (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[sign] ?? '',
  );

const rightToLeft = /^(ar|arc|ckb|dv|fa|he|ks|ku-arab|ps|sd|ug|ur|yi)\b/i;

/** Which way a language is written. */
export const directionOf = (lang: string): 'ltr' | 'rtl' =>
  rightToLeft.test(lang) ? 'rtl' : 'ltr';

const font = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif";

/** Where a mail program takes its own dark colours, these are what it begins with. */
const sheet = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .paper { background-color: #14181d !important; }
  .sheet { background-color: #1c2229 !important; color: #e6eaee !important; }
  .quiet { color: #9aa5b1 !important; }
  .link { color: #7db8f5 !important; }
  .button { background-color: #1f6dba !important; color: #ffffff !important; }
}`;

/** Keeps the first words of the text from being shown behind the preview. */
const filling = '&#8199;&#847;'.repeat(60);

/** One calm column; the table is for Outlook on Windows, which knows no greatest width. */
export function toDocument({ lang, subject, preview, body, footer }: Frame): string {
  const direction = directionOf(lang);
  const head = preview === '' ? '' : toPreview(preview);
  return `<!doctype html>
<html lang="${escapeHtml(lang)}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(subject)}</title>
<style>${sheet}
</style>
</head>
<body class="paper" style="margin:0;padding:0;background-color:#f4f5f7">
${head}<div role="article" lang="${escapeHtml(lang)}" dir="${direction}" class="paper" \
style="padding:24px 12px;background-color:#f4f5f7">
<!--[if mso]><table role="presentation" width="${widest}" align="center"><tr><td><![endif]-->
<div class="sheet" style="max-width:${widest}px;margin:0 auto;padding:24px;box-sizing:border-box;\
background-color:#ffffff;color:#1b2128;${font};font-size:16px;line-height:1.55;\
overflow-wrap:break-word">
${body}
${toFooter(footer)}
</div>
<!--[if mso]></td></tr></table><![endif]-->
</div>
</body>
</html>
`;
}

const toPreview = (preview: string) =>
  `<div style="display:none;max-height:0;overflow:hidden">${escapeHtml(preview)}${filling}</div>\n`;

function toFooter({ postalAddress, reason, unsubscribe }: Frame['footer']): string {
  const quiet = 'color:#5b6672';
  const link =
    unsubscribe &&
    `<a class="quiet" href="${escapeHtml(unsubscribe.url)}" \
style="${quiet};text-decoration:underline">${escapeHtml(unsubscribe.words)}</a>`;
  const lines = [reason, ...linesOf(postalAddress)].map(escapeHtml);
  const all = [...lines, link ?? ''].filter((line) => line !== '').join('<br>\n');
  return `<div class="quiet" style="margin:32px 0 0;padding:16px 0 0;\
border-top:1px solid #c9d1d9;${quiet};font-size:13px;line-height:1.5">
${all}
</div>`;
}

export const linesOf = (postalAddress: string): string[] =>
  postalAddress
    .split(/\r?\n|\\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
