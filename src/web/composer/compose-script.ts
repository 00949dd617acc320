import { mostVideoBytes } from '../../core/media/video-file.ts';

/**
 * On the page where a post is written: the preview follows the text, drafts save themselves, and
 * pictures and videos come in by drop and paste. Without it, the buttons do the same.
 */
export const composeScript = `(() => {
const form = document.getElementById('compose');
if (!form) return;
document.documentElement.classList.add('script');
const field = (name) => form.elements[name];
const byId = (id) => document.getElementById(id);
const saved = byId('saved');
const say = (text, isBad) => {
  if (!saved) return;
  saved.textContent = text;
  saved.classList.toggle('bad', !!isBad);
};
const send = (path, body = new URLSearchParams(new FormData(form))) =>
  fetch(path, { method: 'POST', body });
const clock = () => new Date().toTimeString().slice(0, 5);
let [dirty, stopped, leaving] = [false, false, false];
let [previewWaits, saveWaits, isBusy] = [0, 0, false];
let looked = 0;

async function look() {
  const mine = ++looked;
  const answer = await send('/write/preview').catch(() => 0);
  if (!answer || mine !== looked) return;
  const text = await answer.text();
  if (mine !== looked) return;
  if (!answer.ok) { byId('preview').textContent = text; return; }
  const page = new DOMParser().parseFromString(text, 'text/html');
  // A video that is being watched is not loaded again.
  const players = [...byId('preview').querySelectorAll('video')];
  for (const next of page.querySelectorAll('video')) {
    const at = players.findIndex((one) => one.getAttribute('src') === next.getAttribute('src'));
    if (at >= 0) next.replaceWith(players.splice(at, 1)[0]);
  }
  byId('preview').replaceChildren(...page.body.childNodes);
}

function place({ path, base }) {
  if (path && path !== field('file').value) {
    field('file').value = path;
    history.replaceState(null, '', '/write?file=' + encodeURIComponent(path) +
      (field('mode').value === 'text' ? '&mode=text' : ''));
  }
  if (base) field('base').value = base;
}

async function save() {
  saveWaits = 0;
  if (stopped || !saved) return;
  if (isBusy) { soonSave(); return; }
  isBusy = true;
  dirty = false;
  try {
    const answer = await send('/write/autosave');
    const type = answer.headers.get('content-type') || '';
    const told = type.includes('json') ? await answer.json() : { text: await answer.text() };
    if (told.kind === 'saved') { place(told); say('Saved at ' + clock()); }
    else if (told.kind === 'kept') say('Kept at ' + clock() + '. Press Save to change the post.');
    else if (told.kind === 'conflict') {
      stopped = true;
      dirty = true;
      say('The file was changed elsewhere. Press Save to see both versions.', true);
    } else if (told.kind !== 'nothing') { dirty = true; say('Not saved: ' + told.text, true); }
  } catch {
    dirty = true;
    say('Not saved: Dripline does not answer. It is tried again as you write.', true);
  }
  isBusy = false;
}
const soonSave = () => { clearTimeout(saveWaits); saveWaits = setTimeout(save, 1200); };

function changed() {
  dirty = true;
  clearTimeout(previewWaits);
  previewWaits = setTimeout(look, 250);
  soonSave();
}
form.addEventListener('input', (e) => { if (e.target.type !== 'file') changed(); });
form.addEventListener('change', (e) => {
  if (e.target.type !== 'file') return changed();
  addAll(e.target.files);
  e.target.value = '';
});

const add = (template, to) => {
  const copy = byId(template).content.cloneNode(true);
  byId(to)?.append(copy);
  return byId(to)?.lastElementChild;
};

let turn = Promise.resolve();
const addAll = (files) => {
  for (const file of files) turn = turn.then(() => addOne(file)).catch(() => undefined);
};
const nameOf = (type) => type.startsWith('video/')
  ? 'video.' + ({ 'video/webm': 'webm', 'video/quicktime': 'mov' }[type] || 'mp4')
  : 'picture.' + (type === 'image/gif' ? 'gif' : 'png');
async function addOne(file) {
  if (stopped || !byId('new-picture')) return;
  if (file.size > ${mostVideoBytes}) {
    say(file.name + ' is too large. A picture may have 30 MB, and a video 512 MB.', true);
    return;
  }
  say('Adding ' + file.name + '…');
  while (isBusy) await new Promise((done) => setTimeout(done, 50));
  isBusy = true;
  try {
    const body = new FormData(form);
    body.delete('picture');
    body.append('picture', file, file.name || nameOf(file.type));
    const answer = await send('/write/picture', body);
    const type = answer.headers.get('content-type') || '';
    const told = type.includes('json') ? await answer.json() : { text: await answer.text() };
    if (!answer.ok) { say(told.text, true); return; }
    place(told);
    const copy = byId(told.isVideo ? 'new-video' : 'new-picture').content.cloneNode(true);
    const item = copy.querySelector('li');
    const shown = item.querySelector('img, video');
    shown.src = told.url;
    if (told.isVideo) shown.setAttribute('aria-label', told.src);
    const coded = item.querySelector('[name=media-transcode]');
    if (coded) coded.value = told.src;
    if (coded && !told.canTranscode) coded.closest('label').remove();
    item.querySelector('[name=media-src]').value = told.src;
    item.querySelector('[name=media-gone]').value = told.src;
    item.querySelector('.src').textContent = told.src;
    document.querySelector('#pictures .media').append(copy);
    item.querySelector('textarea').focus();
    say(told.src + ' is added. Describe it for people who cannot see it.');
    dirty = true;
  } catch {
    say('Not added: Dripline does not answer. Try it again.', true);
  } finally {
    isBusy = false;
    look();
    soonSave();
  }
}
const pictures = (data) => [...(data?.files ?? [])].filter((file) => file.size > 0);
addEventListener('paste', (e) => {
  const files = pictures(e.clipboardData);
  if (files.length) { e.preventDefault(); addAll(files); }
});
addEventListener('dragover', (e) => {
  if ([...(e.dataTransfer?.types ?? [])].includes('Files')) e.preventDefault();
});
addEventListener('drop', (e) => {
  const files = pictures(e.dataTransfer);
  if (files.length) { e.preventDefault(); addAll(files); }
});

form.addEventListener('click', (e) => {
  const what = e.target.dataset?.do;
  if (what === 'rule') add('new-rule', 'rules').querySelector('input').focus();
  if (what === 'part') {
    const text = field('body');
    const gap = text.value.trim() === '' ? '' : '\\n\\n---\\n\\n';
    text.focus();
    text.setRangeText(gap, text.value.length, text.value.length, 'end');
    changed();
  }
});
addEventListener('keydown', (e) => {
  if (!(e.ctrlKey || e.metaKey) || !['Enter', 's'].includes(e.key)) return;
  const button = form.querySelector('button[value=save]:not(.nojs)');
  if (!button) return;
  e.preventDefault();
  form.requestSubmit(button);
});
form.addEventListener('submit', () => { leaving = true; clearTimeout(saveWaits); });
addEventListener('beforeunload', (e) => { if (dirty && !leaving && saved) e.preventDefault(); });
addEventListener('pageshow', () => { leaving = false; });
})();
`;
