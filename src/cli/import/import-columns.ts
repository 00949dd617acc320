/**
 * What other tools and other languages call the same column, without marks, blanks and capitals.
 * A number behind a name counts columns of one kind: `Picture Url 1`, `Picture Url 2`.
 */
const synonyms = {
  text: [
    'content text post caption message body posttext tweet status',
    'nachricht inhalt beitrag beitragstext texte contenu legende publication texto mensaje',
    'contenido publicacion testo contenuto messaggio conteudo mensagem legenda tekst bericht',
    'inhoud tresc wiadomosc текст сообщение 本文 内容 テキスト 投稿 文本 正文',
  ],
  networks: [
    'network networks platform platforms channel channels profile profiles account accounts',
    'socialnetwork socialnetworks socialaccount socialaccounts socialprofile service services',
    'netzwerk netzwerke plattform plattformen kanal kanale konto konten profil profile reseau',
    'reseaux canal canaux compte comptes plateforme red redes canales cuenta cuentas plataforma',
    'plataformas rete reti canale canali piattaforma rede canais conta contas netwerk netwerken',
    'kanaal kanalen siec konta сеть канал アカウント 账号',
  ],
  date: [
    'date dates datetime dateandtime scheduledat scheduleat scheduled schedule scheduleddate',
    'scheduledate scheduleddatetime publishat publishdate publishon publishedat publishingdate',
    'postat postdate postatspecifictime postingtime postingdate sendat senddate duedate dueat',
    'datum termin geplant geplantam veroffentlichungsdatum datedepublication dateheure fecha',
    'fechayhora fechadepublicacion data dataeora dataehora datapubblicazione datadepublicacao',
    'datapublikacji дата 日付 日時 日期',
  ],
  time: [
    'time scheduledtime scheduletime publishtime posttime sendtime hour',
    'uhrzeit zeit heure hora horario ora orario tijd tijdstip godzina czas время 時刻 時間 时间',
  ],
  timezone: ['timezone zeitzone fuseauhoraire zonahoraria fusoorario tijdzone'],
  media: [
    'media medias mediaurl mediaurls image images imageurl imageurls imagelink imagelinks picture',
    'pictures pictureurl pictureurls picturelink photo photos photourl photourls attachment',
    'attachments bild bilder foto fotos medien grafik imagen imagenes immagine immagini imagem',
    'imagens afbeelding afbeeldingen zdjecie zdjecia obraz изображение картинка 画像 图片',
  ],
  alt: [
    'alt alttext alttexts alttextpicture imagealt imagealttext mediaalt mediaalttext',
    'bildbeschreibung alternativtext textealternatif textoalternativo testoalternativo',
  ],
  link: ['link links url urls linkurl landingpage lien liens enlace enlaces collegamento'],
  hashtags: ['hashtag hashtags'],
  tags: ['tag tags schlagworte etiquettes etiquetas'],
  firstComment: ['firstcomment firstcommenttext ersterkommentar premiercommentaire'],
  comment: [
    'comment comments kommentar kommentare commentaire commentaires comentario comentarios',
  ],
  thread: ['threadid thread'],
  title: ['title titel titre titulo titolo'],
  campaign: ['campaign kampagne campagne campana campagna'],
  queue: ['queue'],
  draft: ['draft isdraft entwurf brouillon borrador bozza'],
  id: ['id'],
} as const satisfies Record<string, readonly string[]>;

export type Column = keyof typeof synonyms;
export const columns = Object.keys(synonyms) as Column[];

/** Columns of which a table may have several, with a number behind the name. */
const numbered: ReadonlySet<Column> = new Set<Column>(['media', 'alt']);

const byName = new Map<string, Column>(
  columns.flatMap((column) =>
    synonyms[column].flatMap((names) =>
      names.split(' ').map((name): [string, Column] => [name, column]),
    ),
  ),
);

/** `Link(s)`, `LINK (OGmetaURL)` and `link` are one name; `Größe` and `grosse` are not. */
export const toKey = (head: string): string =>
  head
    .slice(0, 200)
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\([^()]*\)/g, '')
    .replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Each undefined: a column that Dripline does not know. */
export function findColumns(heads: readonly string[]): (Column | undefined)[] {
  const keys = heads.map(toKey);
  // In Publer's template comments are published below the post; elsewhere they may be notes.
  const isPubler = keys.includes('postsubtype') && keys.includes('reminder');
  const hasText = keys.some((key) => key !== 'status' && findColumn(key) === 'text');
  return keys.map((key) => {
    const column = findColumn(key);
    // With a text beside it, it says how far a post is.
    if (key === 'status' && hasText) return undefined;
    return isPubler && column === 'comment' ? 'firstComment' : column;
  });
}

function findColumn(key: string): Column | undefined {
  const known = byName.get(key);
  if (known) return known;
  const base = byName.get(key.replace(/\d{1,2}$/, ''));
  return base && numbered.has(base) ? base : undefined;
}

/** What Metricool and others call networks, each a column of yes or no. */
const networkHeads = [
  'facebook instagram linkedin pinterest tiktok youtube threads gbp google googlebusiness',
  'x twitter twitterx xtwitter bluesky bsky mastodon telegram',
]
  .join(' ')
  .split(' ');

export const isNetworkHead = (head: string): boolean => networkHeads.includes(toKey(head));

const anyOf = (...words: string[]) => new RegExp(`^(?:${words.join('|')})$`, 'iu');
const yes = anyOf(
  'true|yes|y|1|x|on|ja|oui|s[ií]|sim|tak|да|はい|是',
  'wahr|vrai|verdadero|vero|verdadeiro|waar|[✓✔☑✅]',
);
const no = anyOf(
  'false|no|n|0|off|nein|non|n[aã]o|nee|nie|нет|いいえ|否',
  'falsch|faux|falso|onwaar|[☐✗✘❌]|',
);

export const isYes = (cell: string): boolean => yes.test(cell);
export const isYesOrNo = (cell: string): boolean => yes.test(cell) || no.test(cell);

const stages = {
  draft:
    'draft|draft post|drafts|wip|in progress|idea|ideas|todo|to do|backlog|on hold|paused|review' +
    '|in review|needs review|pending|pending approval|awaiting approval|needs approval' +
    '|unapproved|not approved|rejected|entwurf|in arbeit|brouillon|borrador|bozza|rascunho',
  ready:
    'ready|approved|scheduled|queued|planned|final|finished|freigegeben|geplant|bereit' +
    '|programmé|planifié|approuvé|programado|aprobado|programmato|approvato|agendado|aprovado',
  out:
    'published|posted|sent|live|done|success|failed|error|archived|deleted|expired|cancelled' +
    '|canceled|veröffentlicht|gesendet|gepostet|erledigt|fehlgeschlagen|archiviert|publié|envoyé' +
    '|publicado|enviado|pubblicato|inviato',
} as const;

/** How far the post of a row is, in the words of other tools. */
export function findStage(cell: string): keyof typeof stages | undefined {
  const word = cell.slice(0, 60).trim().normalize('NFC').toLowerCase();
  return (Object.keys(stages) as (keyof typeof stages)[]).find((stage) =>
    stages[stage].split('|').includes(word),
  );
}

/**
 * What a lost column would do to a post: published though it is a draft or out already, at another
 * time, elsewhere, or without its pictures.
 */
const losses = {
  stage: new RegExp(
    '(?:status|approv|freigabe|freigegeben)|^(?:(?:post|workflow|content)?(?:state|stage)' +
      '|(?:is|was)?(?:already)?(?:posted|published|sent|live|done|ready|final|rejected|archived' +
      '|deleted|hidden|private)|veroffentlicht|gepostet|gesendet|erledigt|statut|estado|stato' +
      '|publie|publicad[oa]|pubblicato|enviad[oa]|статус|状态|ステータス)$',
  ),
  time: /date|time|sched|publish|when|datum|zeit|termin|fecha|hora|heure|дат|врем|日|时|時/,
  networks: /network|platform|channel|account|profile|netzwerk|kanal|reseau|canal|rede|сеть/,
  pictures: /image|media|picture|photo|video|gif|bild|foto|imag|immag|afbeeld|画|图/,
};

/** Undefined: nothing of them. */
export function guessLoss(head: string): keyof typeof losses | undefined {
  const key = toKey(head);
  return (Object.keys(losses) as (keyof typeof losses)[]).find((loss) => losses[loss].test(key));
}
