import { html } from 'hono/html';
import type { PostForm, RuleForm } from '../../core/post/post-form.ts';
import type { Settings } from '../../core/settings.ts';
import { isVideoFile } from '../../core/media/video-file.ts';
import { account, player } from '../parts/bits.ts';
import type { Html } from '../parts/html.ts';
import { line, lines, select, tick } from './labelled.ts';
import { accountsOf, splitDate } from './read-fields.ts';

export interface FieldsInput {
  settings: Settings;
  form: PostForm;
  /** Keys that only a text editor can change. */
  asWritten: readonly string[];
  /** Where a picture of the post is shown. */
  pictureOf(src: string): string;
  /** Those that ffmpeg may make fit. */
  transcodable: readonly string[];
}

/** The text and its pictures. */
export function textFields(input: FieldsInput): Html {
  const { form } = input;
  return html`
    <label class="field">
      <span>Text</span>
      <textarea
        name="body"
        rows="9"
        spellcheck="true"
        aria-describedby="body-help"
        placeholder="What do you want to say?"
      >
${form.body}</textarea>
    </label>
    <p class="dim small compose-help" id="body-help">
      <span
        >Markdown, as in the file. A line of <code>---</code> begins the next part of a
        thread.</span
      >
      <button class="button quiet js" type="button" data-do="part">Add a part</button>
    </p>
    ${pictures(input)}
  `;
}

/** When, where, and what comes after it. */
export const settingFields = (input: FieldsInput): Html =>
  html`<div class="pair">${when(input)} ${where(input)}</div>
    <div class="trio">${campaign(input)} ${link(input)}</div>
    ${followUps(input)} ${more(input)}`;

/** A note in place of a field that would change more than a person wants. */
const locked = (what: string) =>
  html`<p class="dim small">${what} as the file says. To change it, edit the file as text.</p>`;

function pictures({ form, asWritten, pictureOf, transcodable }: FieldsInput): Html {
  const name = 'Pictures and videos';
  if (asWritten.includes('media')) return group(name, locked(`${name} are`));
  const items = (form.media ?? []).map((one) =>
    medium({ ...one, url: pictureOf(one.src), canTranscode: transcodable.includes(one.src) }),
  );
  const none = { src: '', alt: '', url: '', canTranscode: false };
  return html`<fieldset class="group" id="pictures">
    <legend>${name}</legend>
    <ul class="media">
      ${items}
    </ul>
    <template id="new-picture">${medium(none)}</template>
    <template id="new-video">${medium({ ...none, src: '.mp4', canTranscode: true })}</template>
    <label class="field add">
      <span
        >Add pictures, GIFs or a video
        <span class="js">(or drop them here, or paste them)</span></span
      >
      <input type="file" name="picture" accept="${accepted}" multiple />
    </label>
    <p class="dim small">A picture may have 30 MB, a video 512 MB. A video or GIF stands alone.</p>
    <button
      class="button nojs"
      formaction="/write/pictures"
      formenctype="multipart/form-data"
      name="do"
      value="save"
    >
      Upload the chosen files
    </button>
  </fieldset>`;
}

const accepted = 'image/*,video/mp4,video/quicktime,video/webm,.mkv,.m4v';

interface Shown {
  src: string;
  alt: string;
  transcode?: true;
  url: string;
  /** A network takes it only if ffmpeg makes it fit, and there is one. */
  canTranscode: boolean;
}

const medium = ({ src, alt, transcode, url, canTranscode }: Shown): Html =>
  html`<li>
    ${isVideoFile(src) ? player(url, src) : still(url)}
    <label class="field">
      <span>Description of <span class="src">${src}</span>, for people who cannot see it</span>
      <textarea name="media-alt" rows="2">${alt}</textarea>
    </label>
    <div class="ticks">
      <input type="hidden" name="media-src" value="${src}" />
      ${
        canTranscode
          ? tick({
              label: 'Let ffmpeg make it fit where a network needs it',
              name: 'media-transcode',
              value: src,
              isOn: transcode === true,
            })
          : ''
      }
      ${leaveOut(src)}
    </div>
  </li>`;

const leaveOut = (src: string): Html =>
  tick({
    label: `Leave this ${isVideoFile(src) ? 'video' : 'picture'} out`,
    name: 'media-gone',
    value: src,
  });

const still = (url: string): Html => html`<img src="${url || 'data:,'}" alt="" loading="lazy" />`;

const group = (name: string, body: Html): Html =>
  html`<fieldset class="group">
    <legend>${name}</legend>
    ${body}
  </fieldset>`;

function when({ settings, form }: FieldsInput): Html {
  const date = splitDate(form.date);
  const chosen = form.queue ?? '';
  const names = new Set([...Object.keys(settings.queues), 'none', ...(chosen ? [chosen] : [])]);
  const queues = [...names].map(
    (name) => [name, name === 'none' ? 'None: only as a follow-up' : name] as const,
  );
  const day = date
    ? html`<div class="pair tight">
          ${line({ label: 'Day', name: 'day', type: 'date', value: date.day })}
          ${line({ label: 'Time', name: 'time', type: 'time', value: date.time })}
        </div>
        <p class="dim small">
          Leave both empty for the next free slot. A day alone takes any slot of that day. Times are
          in ${settings.zone}.
        </p>`
    : locked(`Its date is ${form.date ?? ''}`);
  const options = [['', 'The usual one'] as const, ...queues];
  const queue = select({ label: 'Queue', name: 'queue', value: chosen, options });
  return group('When', html`${day} ${queue}`);
}

function where({ settings, form, asWritten }: FieldsInput): Html {
  if (asWritten.includes('networks')) return group('Where', locked('The accounts are'));
  const chosen = new Set(accountsOf(form.networks, settings).map(({ name }) => name));
  const boxes = settings.accounts.map(({ name }) =>
    tick({
      label: account({ settings }, name),
      name: 'account',
      value: name,
      isOn: chosen.has(name),
    }),
  );
  const none = html`<p class="dim small">There are no accounts yet.</p>`;
  const approval = tick({
    label: 'Wait for approval before it is published',
    name: 'approval',
    value: 'required',
    isOn: form.approval === 'required',
  });
  const together = tick({
    label: 'On all accounts at the same time',
    name: 'together',
    value: 'true',
    isOn: form.together === true,
  });
  const ticks = settings.accounts.length > 1 ? html`${together} ${approval}` : approval;
  return group('Where', html`${boxes.length ? boxes : none} ${ticks}`);
}

function campaign({ settings, form }: FieldsInput): Html {
  const chosen = form.campaign ?? '';
  const names = new Set([...Object.keys(settings.campaigns), ...(chosen ? [chosen] : [])]);
  const options = [['', 'None'] as const, ...[...names].map((name) => [name, name] as const)];
  return select({ label: 'Campaign', name: 'campaign', value: chosen, options });
}

const link = ({ form }: FieldsInput): Html =>
  html`${line({
    label: 'Link',
    name: 'link',
    type: 'url',
    value: form.link,
    placeholder: 'https://example.com/offer',
  })}
  ${line({
    label: 'Hashtags',
    name: 'hashtags',
    value: (form.hashtags ?? []).join(', '),
    placeholder: 'spring, launch',
  })}`;

function followUps({ form, asWritten }: FieldsInput): Html {
  if (asWritten.includes('followUps')) return group('Follow-ups', locked('Follow-ups are'));
  const rules = form.followUps ?? [];
  return html`<details class="more group" ${rules.length ? html`open` : ''}>
    <summary>Follow-ups: what comes next, depending on how it does</summary>
    <ol class="rules" id="rules">
      ${rules.map(rule)} ${rules.length ? '' : rule({ when: '', text: '' })}
    </ol>
    <template id="new-rule">${rule({ when: '', text: '' })}</template>
    <p class="dim small">
      The first rule that holds is published, once on each account. For example:
      <code>likes >= 20</code>, or <code>score >= 1.5 * typical</code>.
      <button class="button quiet js" type="button" data-do="rule">Add a rule</button>
    </p>
  </details>`;
}

const kinds = [
  ['when', 'When'],
  ['otherwise', 'Otherwise'],
  ['none', 'Remove this rule'],
] as const;

const ways = [
  ['reply', 'as a reply'],
  ['quote', 'as a quote'],
  ['repost', 'as a repost'],
] as const;

function rule({ when: condition, after, within, as, text }: RuleForm): Html {
  const kind = condition === undefined ? 'otherwise' : 'when';
  const options = [[as === 'post' ? 'post' : '', 'as a separate post'] as const, ...ways];
  return html`<li>
    <div class="pair tight">
      ${select({ label: 'Rule', name: 'rule-if', value: kind, options: kinds })}
      ${line({
        label: 'Condition',
        name: 'rule-when',
        value: condition,
        placeholder: 'likes >= 20',
      })}
    </div>
    <div class="trio">
      ${line({ label: 'Not before', name: 'rule-after', value: after, placeholder: '2h' })}
      ${line({ label: 'Wait at most', name: 'rule-within', value: within, placeholder: '3d' })}
      ${select({ label: 'Publish it', name: 'rule-as', value: as, options })}
    </div>
    ${lines({ label: 'Text of the follow-up', name: 'rule-text', value: text, rows: 2 })}
  </li>`;
}

const threads = [
  ['manual', 'Parts only where you set them'],
  ['auto', 'Split what is too long'],
  ['off', 'Never more than one part'],
] as const;

function more({ form, asWritten }: FieldsInput): Html {
  const { title, cw, lang, thread = 'manual', evergreen } = form;
  const isOpen = [title, cw, lang, evergreen].some((one) => one !== undefined);
  const times = evergreen?.times?.toString();
  const again = html`<div class="pair tight">
    ${line({
      label: 'Publish again every',
      name: 'evergreen-every',
      value: evergreen?.every,
      placeholder: '60d',
    })}
    ${line({
      label: 'At most this many times',
      name: 'evergreen-times',
      type: 'number',
      value: times,
    })}
  </div>`;
  return html`<details class="more group" ${isOpen ? html`open` : ''}>
    <summary>More: title, repeat, content warning, language</summary>
    ${line({ label: 'Title, for you: it is never published', name: 'title', value: title })}
    ${asWritten.includes('evergreen') ? locked('It is repeated') : again}
    ${line({ label: 'Content warning', name: 'cw', value: cw })}
    <div class="pair tight">
      ${line({ label: 'Language', name: 'lang', value: lang, placeholder: 'en' })}
      ${select({ label: 'Thread', name: 'thread', value: thread, options: threads })}
    </div>
  </details>`;
}
