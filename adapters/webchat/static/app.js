// The web chat's page. It shows what the API says and hands back what people do; it
// never builds markup from text: every text goes through textContent.
'use strict';

const base = document.body.dataset.base;
const $ = id => document.getElementById(id);

// el makes an element. Props are set as properties, data- and aria- ones as attributes.
function el(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) {
    if (v === undefined || v === null || v === false) continue;
    if (k === 'on') for (const [type, f] of Object.entries(v)) e.addEventListener(type, f);
    else if (k in e && !k.includes('-')) e[k] = v;
    else e.setAttribute(k, v);
  }
  e.append(...children.filter(c => c !== null && c !== undefined && c !== ''));
  return e;
}

class HTTPError extends Error {
  constructor(status, body) { super(body.message || 'Something went wrong.'); this.status = status; this.body = body; }
}

const pause = ms => new Promise(done => setTimeout(done, ms));

// call asks the API. What did not get through is asked again with the same key, so that
// it acts once, however often it arrives.
async function call(method, path, body) {
  const headers = {};
  if (body) headers['Content-Type'] = 'application/json';
  if (method === 'POST') headers['Idempotency-Key'] = crypto.getRandomValues(new Uint32Array(4)).join('-');
  for (let tries = 1; ; tries++) {
    try {
      const r = await fetch(base + '/chat/api/' + path, {method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(40000)});
      if (r.status === 204) return {};
      const answer = await r.json().catch(() => ({}));
      if (r.ok) return answer;
      if (r.status === 401 && document.body.dataset.page === 'chat') location.replace(base + '/chat/signin');
      throw new HTTPError(r.status, answer);
    } catch (err) {
      const again = !(err instanceof HTTPError) || err.status === 503;
      if (!again || tries === 3) throw err;
      await pause(tries * 1000);
    }
  }
}

// paint gives an avatar its letters and a colour of its own.
function paint(e, name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  e.textContent = words.length ? ([...words[0]][0] + (words.length > 1 ? [...words.at(-1)][0] : '')).toUpperCase() : '?';
  let h = 2166136261;
  for (const c of name) h = Math.imul(h ^ c.codePointAt(0), 16777619) >>> 0;
  e.style.setProperty('--hue', (h >>> 8) % 24 * 15);
}

document.body.dataset.page === 'signin' ? signin() : chat();

// ---- Signing in -----------------------------------------------------------------

async function signin() {
  const secrets = new URLSearchParams(location.hash.slice(1));
  const token = secrets.get('token'), choice = secrets.get('demo');
  history.replaceState(null, '', location.pathname); // no token stays in the address bar
  const enter = async body => {
    $('said').className = '';
    $('said').textContent = 'Signing in…';
    try {
      await call('POST', 'signin', body);
      location.replace(base + '/chat');
    } catch (err) {
      $('said').className = 'bad';
      $('said').textContent = err.status === 403 ? 'This link was used before or is older than ten minutes.'
        : err.status ? err.message : 'Watchbell does not answer. Try again in a moment.';
      $('how').hidden = false;
    }
  };
  if (token) return enter({token});
  const people = $('people');
  const choose = people && (choice || 'nearby' in document.body.dataset);
  if (people) {
    for (const a of people.querySelectorAll('.avatar')) paint(a, a.dataset.name);
    people.addEventListener('click', e => {
      const b = e.target.closest('button');
      if (b) enter(choice ? {user: b.dataset.user, token: choice} : {user: b.dataset.user});
    });
    people.hidden = $('lead').hidden = !choose;
  }
  $('how').hidden = Boolean(choose);
}

// ---- The chat -------------------------------------------------------------------

async function chat() {
  let me = {};
  let conversations = [];
  let current = 0;          // id of the open conversation
  let posts = new Map();    // of the open conversation, by id
  let answers = [];         // what only this person sees: {post, asked, after}
  let commands = [];
  let more = false;         // older posts can be had
  const drafts = new Map();

  const box = $('posts'), text = $('text');
  const open = () => conversations.find(c => c.id === current);
  const visibleNow = () => document.visibilityState === 'visible' && document.hasFocus();

  // -- Times, in the zone of the person's profile as in the cards
  const zoned = options => {
    try { return new Intl.DateTimeFormat('en-GB', {...options, timeZone: me.timezone || 'UTC'}); } catch { return new Intl.DateTimeFormat('en-GB', options); }
  };
  const clock = t => zoned({hour: '2-digit', minute: '2-digit'}).format(new Date(t));
  const dayKey = t => zoned({year: 'numeric', month: '2-digit', day: '2-digit'}).format(new Date(t));
  function dayName(t) {
    if (dayKey(t) === dayKey(Date.now())) return 'Today';
    if (dayKey(t) === dayKey(Date.now() - 864e5)) return 'Yesterday';
    return zoned({weekday: 'short', day: 'numeric', month: 'short'}).format(new Date(t));
  }

  // -- Saying things
  let toastTimer;
  function toast(message) {
    $('toast').textContent = message;
    $('toast').hidden = false;
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => { $('toast').hidden = true; }, 8000);
  }
  function complain(err) {
    toast(err instanceof HTTPError ? err.message : 'Watchbell did not answer, so it is not known whether that happened. Look at the card, then try again.');
  }
  const announce = (where, message) => { $(where).textContent = ''; setTimeout(() => { $(where).textContent = message; }, 60); };

  // -- Conversations
  function showConversations() {
    const lists = $('lists');
    const focused = lists.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    lists.replaceChildren();
    for (const [kind, heading] of [['direct', 'Your pages'], ['channel', 'Channels']]) {
      const items = conversations.filter(c => c.kind === kind);
      if (!items.length) continue;
      lists.append(el('h2', {textContent: heading}), el('ul', {className: kind}, ...items.map(item)));
    }
    if (focused) lists.querySelector(`[data-id="${focused}"]`)?.focus();
    const unread = conversations.reduce((n, c) => n + c.unread, 0);
    const name = open()?.name;
    document.title = (unread ? `(${unread > 99 ? '99+' : unread}) ` : '') + (name && name !== 'Watchbell' ? name + ' · ' : '') + 'Watchbell';
  }
  function item(c) {
    const n = c.unread > 99 ? '99+' : String(c.unread);
    return el('li', {}, el('a', {
      href: '#/c/' + c.id, className: c.unread ? 'fresh' : '', 'data-id': c.id,
      'aria-current': c.id === current ? 'page' : null, 'aria-label': c.unread ? `${c.name}, ${n} unread` : c.name,
    }, el('span', {className: 'sign', 'aria-hidden': 'true', textContent: c.kind === 'direct' ? '🔔' : '#'}),
    el('span', {className: 'name', textContent: c.name}),
    c.unread ? el('span', {className: 'badge', textContent: n}) : null));
  }
  // What arrives while a list is on its way may or may not be in it: ask again.
  let arrivals = 0;
  async function loadConversations() {
    for (let before = -1; before !== arrivals;) {
      before = arrivals;
      conversations = (await call('GET', 'conversations')).conversations;
    }
    if (open() && visibleNow()) open().unread = 0;
    showConversations();
  }

  // -- Posts
  function showPosts() {
    const list = [...posts.values()].sort((a, b) => a.id - b.id);
    const held = box.contains(document.activeElement) && document.activeElement.dataset.action;
    const within = held && document.activeElement.closest('[data-post]').dataset.post;
    closeMenu();
    box.replaceChildren();
    if (more) box.append(el('button', {type: 'button', className: 'older quiet', textContent: 'Show older posts', on: {click: older}}));
    const left = answers.filter(x => x.post.conversation === current);
    const place = x => { left.splice(left.indexOf(x), 1); box.append(answerElement(x)); };
    for (const p of list) {
      for (const x of [...left]) if (!posts.has(x.after) && x.post.createdAt < p.createdAt) place(x);
      append(p);
      for (const x of [...left]) if (x.after === p.id) place(x);
    }
    for (const x of [...left]) place(x);
    if (!box.children.length) box.append(emptyNote());
    if (held) box.querySelector(`[data-post="${within}"] [data-action="${CSS.escape(held)}"]`)?.focus();
  }
  function emptyNote() {
    const direct = open()?.kind === 'direct';
    return el('div', {className: 'empty'}, el('b', {textContent: direct ? 'Nothing is waiting for you' : 'Quiet so far'}),
      direct ? 'When you are paged, the alert appears here with one big button.' : 'Alerts of this channel appear here.');
  }
  function append(p) {
    const last = box.querySelector(':scope > .post:last-child');
    box.querySelector('.empty')?.remove();
    const lastDay = [...box.querySelectorAll('.day')].at(-1)?.dataset.day;
    if (lastDay !== dayKey(p.createdAt)) box.append(el('div', {className: 'day', 'data-day': dayKey(p.createdAt), textContent: dayName(p.createdAt)}));
    const e = postElement(p);
    if (last && last === box.lastElementChild && last.dataset.by === e.dataset.by && Date.parse(p.createdAt) - Number(last.dataset.at) < 3e5) e.classList.add('joined');
    box.append(e);
  }
  function postElement(p) {
    const avatar = el('span', {className: 'avatar', 'aria-hidden': 'true'});
    if (p.author.kind === 'bot') {
      avatar.classList.add('bell');
      avatar.append(el('img', {src: document.querySelector('link[rel=icon]').href, alt: ''}));
    } else paint(avatar, p.author.name);
    return el('article', {
      className: 'post', 'data-post': p.id, 'data-rev': p.rev, 'data-by': p.author.kind + ':' + p.author.name, 'data-at': Date.parse(p.createdAt),
      'aria-label': `${p.author.name}, ${clock(p.createdAt)}`,
    }, avatar, el('div', {className: 'body'},
      el('div', {className: 'byline'}, el('b', {textContent: p.author.name}),
        el('time', {dateTime: p.createdAt, title: zoned({dateStyle: 'full', timeStyle: 'long'}).format(new Date(p.createdAt)), textContent: clock(p.createdAt)})),
      p.card ? cardElement(p) : clamp(el('div', {className: 'said', textContent: p.text}))));
  }
  // clamp folds what is very long behind a button.
  function clamp(e) {
    if (e.textContent.length < 1200 && e.textContent.split('\n').length < 14) return e;
    e.classList.add('clamp');
    const button = el('button', {type: 'button', className: 'more', textContent: 'Show all', on: {click: () => { e.classList.remove('clamp'); button.remove(); }}});
    const both = document.createDocumentFragment();
    both.append(e, button);
    return both;
  }

  // -- Cards
  const stateWord = {PENDING: 'Pending', ACCEPTED: 'Accepted', RESOLVED: 'Resolved', SNOOZED: 'Snoozed'};
  function cardElement(p) {
    const c = p.card;
    const plain = !c.status && !c.actions.length && !c.fields.length && !c.coverageRequest;
    const card = el('div', {className: plain ? 'card plain' : 'card', 'data-status': c.status});
    const words = el('div', {className: 'words'});
    card.append(words);
    // The line that begins with the alert's number stands beside its state, at the top.
    const about = c.alert && c.lines.find(l => l.startsWith('#' + c.alert)) || (c.alert ? '#' + c.alert : '');
    const lines = c.lines.filter(l => l !== about);
    if (stateWord[c.status] && (c.status !== 'RESOLVED' || lines.length || c.lines.length)) {
      words.append(el('div', {className: 'state'}, el('span', {className: 'chip', textContent: stateWord[c.status]}), about.replace(` · ${c.status}`, '')));
    } else if (c.lines.length > lines.length) lines.push(about);
    if (c.headline) words.append(clamp(el('div', {className: 'headline', textContent: c.headline})));
    for (const line of lines) words.append(clamp(el('div', {className: 'line', textContent: line})));
    if (c.fields.length) words.append(el('dl', {className: 'fields'}, ...c.fields.map(f => el('div', {}, el('dt', {textContent: f.name}), el('dd', {textContent: f.value})))));
    if (c.links.length) words.append(el('div', {className: 'links'}, ...c.links.map(linkElement)));
    if (c.actions.length) card.append(actionRow(p));
    return card;
  }
  // linkElement shows where a link leads whenever its text could be taken for an address.
  function linkElement(l) {
    let host = '';
    try { host = new URL(l.href).host; } catch { return el('span', {textContent: l.text}); }
    const looksLikeAddress = /[\w-]\.[a-z]{2,}|:\/\//i.test(l.text) || /[^\x20-\x7e]/.test(l.text);
    return el('a', {href: l.href, target: '_blank', rel: 'noopener noreferrer nofollow', title: l.href},
      el('span', {textContent: l.text}), looksLikeAddress && l.text !== host ? el('small', {textContent: host}) : null, el('span', {'aria-hidden': 'true', textContent: '↗'}));
  }
  function actionRow(p) {
    const row = el('div', {className: 'actions', role: 'group', 'aria-label': 'Actions'});
    for (const a of p.card.actions.filter(a => !a.menu)) row.append(actionButton(p, a));
    const hidden = p.card.actions.filter(a => a.menu);
    if (hidden.length) row.append(menuButton(p, hidden));
    return row;
  }
  function actionButton(p, a) {
    const about = p.card.alert ? ` #${p.card.alert}` : p.card.coverageRequest ? ` c${p.card.coverageRequest}` : '';
    return el('button', {type: 'button', className: a.style, 'data-action': a.action, textContent: a.label, 'aria-label': a.label + about,
      on: {click: e => press(p, a, e.currentTarget)}});
  }
  async function press(p, a, button) {
    if (a.confirm && !await confirmed(a)) return;
    button.setAttribute('aria-busy', 'true');
    button.disabled = true;
    try {
      took(await call('POST', `posts/${p.id}/actions`, {action: a.action, values: {}}), {after: p.id, verb: a.label});
    } catch (err) {
      complain(err);
    } finally {
      button.removeAttribute('aria-busy');
      button.disabled = false;
    }
  }

  // -- The ⋯ menu
  let closeMenu = () => {}, menuOf = null;
  function menuButton(p, actions) {
    const b = el('button', {type: 'button', className: 'dots', textContent: '⋯', 'aria-label': 'More actions' + (p.card.alert ? ` #${p.card.alert}` : ''),
      'aria-haspopup': 'menu', 'aria-expanded': 'false', on: {click: () => openMenu(b, p, actions)}});
    return b;
  }
  function openMenu(b, p, actions) {
    const wasOpen = b.getAttribute('aria-expanded') === 'true';
    closeMenu();
    if (wasOpen) return;
    const menu = el('div', {className: 'menu', role: 'menu'}, ...actions.map(a => el('button', {type: 'button', role: 'menuitem', className: a.style === 'danger' ? 'danger' : '',
      'data-action': a.action, textContent: a.label, on: {click: () => { closeMenu(); press(p, a, b); }}})));
    document.body.append(menu);
    const place = () => { // beside its button, wherever new posts push that
      const at = b.getBoundingClientRect(), seen = box.getBoundingClientRect(), h = menu.offsetHeight, w = menu.offsetWidth;
      if (at.bottom < seen.top || at.top > seen.bottom) return closeMenu();
      menu.style.left = Math.max(12, Math.min(at.left, innerWidth - w - 12)) + 'px';
      menu.style.top = (at.bottom + 6 + h < innerHeight ? at.bottom + 6 : Math.max(12, at.top - h - 6)) + 'px';
    };
    place();
    menuOf = b;
    b.setAttribute('aria-expanded', 'true');
    const outside = e => { if (!menu.contains(e.target) && e.target !== b) closeMenu(); };
    const keys = e => {
      const items = [...menu.children], i = items.indexOf(document.activeElement);
      if (e.key === 'Escape' || e.key === 'Tab') { closeMenu(); b.focus(); }
      else if (e.key === 'ArrowDown') items[(i + 1) % items.length].focus();
      else if (e.key === 'ArrowUp') items[(i - 1 + items.length) % items.length].focus();
      else return;
      e.preventDefault();
      e.stopPropagation();
    };
    menu.addEventListener('keydown', keys);
    document.addEventListener('pointerdown', outside);
    box.addEventListener('scroll', place);
    closeMenu = () => {
      menu.remove();
      b.setAttribute('aria-expanded', 'false');
      document.removeEventListener('pointerdown', outside);
      box.removeEventListener('scroll', place);
      closeMenu = () => {};
      menuOf = null;
    };
    menu.firstElementChild.focus();
  }

  // -- Asking first. The dialog's close event comes late enough to meet the next question,
  // so that the buttons answer themselves.
  function confirmed(a) {
    const d = $('confirm');
    $('confirm-text').textContent = a.confirm;
    $('confirm-yes').textContent = a.label.replace(/…$/, '');
    return new Promise(done => {
      const answer = yes => { d.close(); done(yes); };
      $('confirm-yes').onclick = () => answer(true);
      $('confirm-no').onclick = () => answer(false);
      d.oncancel = e => { e.preventDefault(); answer(false); };
      d.showModal();
      $('confirm-no').focus();
    });
  }

  // -- Forms
  let asked = {};
  function askForm(f, from) {
    asked = {id: f.id, from};
    $('form-title').textContent = f.title;
    $('form-yes').textContent = (from.verb || 'Send').replace(/…$/, '').split(',')[0];
    $('form-wrong').hidden = true;
    $('form-fields').replaceChildren(...f.fields.map(fieldElement));
    $('form').showModal();
    $('form-fields').querySelector('input, select, textarea')?.focus();
  }
  function fieldElement(f) {
    const id = 'field-' + f.name, props = {id, name: f.name, value: f.value, required: f.required, 'aria-describedby': id + '-wrong'};
    let input;
    if (f.kind === 'textarea') input = el('textarea', {...props, rows: 3});
    else if (f.kind === 'select') {
      input = el('select', props, f.required && f.value ? null : el('option', {value: '', textContent: f.required ? 'Choose…' : '–'}),
        ...f.options.map(o => el('option', {value: o.value, textContent: o.label})));
      input.value = f.value;
    } else {
      input = el('input', {...props, type: 'text', autocapitalize: 'off', placeholder: f.kind === 'datetime' ? 'fri 18:00, tomorrow 09:00, 2h' : ''});
      input.setAttribute('list', id + '-list');
      suggest(input, f);
    }
    return el('div', {className: 'field'}, el('span', {}, el('label', {htmlFor: id, textContent: f.label}), f.required ? null : el('em', {textContent: ' · optional'})),
      input, el('datalist', {id: id + '-list'}, ...(f.kind === 'select' ? [] : f.options.map(o => el('option', {value: o.value, textContent: o.label})))),
      el('p', {className: 'wrong', id: id + '-wrong', role: 'alert', hidden: true}));
  }
  function suggest(input, f) {
    let timer;
    input.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        try {
          const {options} = await call('GET', `forms/${encodeURIComponent(asked.id)}/options?` + new URLSearchParams({field: f.name, typed: input.value}));
          if (options.length) $(input.id + '-list')?.replaceChildren(...options.map(o => el('option', {value: o.value, textContent: o.label})));
        } catch { /* completing is a courtesy */ }
      }, 200);
    });
  }
  $('form-body').addEventListener('submit', async e => {
    e.preventDefault();
    const values = Object.fromEntries(new FormData(e.target)), {id, from} = asked;
    for (const w of $('form').querySelectorAll('.wrong')) w.hidden = true;
    for (const i of $('form').querySelectorAll('[aria-invalid]')) i.removeAttribute('aria-invalid');
    $('form-yes').disabled = true;
    try {
      const answer = await call('POST', 'forms/' + encodeURIComponent(id), {values});
      $('form').close();
      took(answer, from);
    } catch (err) {
      showWrong(err);
    } finally {
      $('form-yes').disabled = false;
    }
  });
  function showWrong(err) {
    const errors = err.status === 422 ? err.body.errors : {'': err instanceof HTTPError ? err.message : 'Watchbell did not answer. Try again.'};
    let first;
    for (const [name, message] of Object.entries(errors)) {
      const input = name && $('field-' + name), note = (input && $('field-' + name + '-wrong')) || $('form-wrong');
      note.textContent = note.hidden ? message : note.textContent + ' ' + message;
      note.hidden = false;
      if (input) { input.setAttribute('aria-invalid', 'true'); first ??= input; }
    }
    first?.focus();
  }
  $('form-no').addEventListener('click', () => $('form').close());

  // took shows what the bot answered.
  function took(answer, from) {
    for (const p of answer.replies) {
      if (!p.ephemeral) { upsert(p); continue; }
      const x = {post: p, asked: from.asked, after: from.after};
      answers.push(x);
      if (answers.length > 50) answers.shift();
      if (p.conversation !== current) continue;
      box.querySelector('.empty')?.remove();
      const e = answerElement(x), pressed = from.after && box.querySelector(`[data-post="${from.after}"]`);
      pressed ? pressed.after(e) : box.append(e);
      e.scrollIntoView({block: 'nearest'});
      announce('polite', p.text);
    }
    if (answer.form) askForm(answer.form, from);
  }
  function answerElement(x) {
    const e = el('section', {className: 'answer', 'data-post': x.post.id, 'aria-label': 'Only you see this'},
      el('div', {className: 'only'}, x.asked ? el('code', {textContent: x.asked}) : null, el('span', {textContent: 'Only you see this'}),
        el('button', {type: 'button', className: 'quiet', textContent: 'Dismiss', on: {click: () => { answers = answers.filter(a => a !== x); e.remove(); text.focus(); }}})),
      x.post.card ? cardElement(x.post) : el('div', {className: 'said', textContent: x.post.text}));
    return e;
  }

  // -- What the stream says
  const atEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight < 90;
  let meanwhile = null; // posts that came while the list of posts was on its way
  function upsert(p) {
    meanwhile?.push(p);
    const had = posts.get(p.id);
    if (p.conversation !== current || (had && had.rev >= p.rev)) return;
    posts.set(p.id, p);
    const stay = atEnd();
    const old = box.querySelector(`.post[data-post="${p.id}"]`);
    if (old) replace(old, p);
    else if (p.id === Math.max(...posts.keys())) append(p);
    else showPosts();
    if (stay) box.scrollTop = box.scrollHeight;
    else if (!old) $('jump').hidden = false;
  }
  // replace keeps the keyboard where it was: a card that changes under somebody's hands
  // must not throw them out.
  function replace(old, p) {
    const e = postElement(p), focused = old.contains(document.activeElement) && document.activeElement.dataset.action;
    if (old.classList.contains('joined')) e.classList.add('joined');
    if (old.contains(menuOf)) closeMenu();
    old.replaceWith(e);
    if (focused) (e.querySelector(`[data-action="${CSS.escape(focused)}"]`) || e.querySelector('button') || box).focus();
  }
  function arrived(p) {
    arrivals++;
    const c = conversations.find(c => c.id === p.conversation);
    if (!c) return loadConversations();
    const mine = p.author.kind === 'user' && p.author.name === `${me.firstName} ${me.lastName}`.trim();
    const page = c.kind === 'direct' && p.card?.status === 'PENDING';
    if (p.conversation === current && visibleNow()) read();
    else if (!mine) { c.unread++; showConversations(); }
    if (!mine) announce(page ? 'assertive' : 'polite', (c.kind === 'direct' ? '' : c.name + ': ') + p.text);
    if (page) ring(p);
    upsert(p);
  }
  let reading;
  function read() {
    clearTimeout(reading);
    reading = setTimeout(async () => {
      if (!current || !visibleNow()) return;
      try {
        await call('GET', `conversations/${current}/posts?limit=1`);
        if (open()) open().unread = 0;
        showConversations();
      } catch { /* the next one will do */ }
    }, 300);
  }

  // -- Being woken
  function ring(p) {
    if (localStorage.watchbellNotify !== 'on') return;
    beep();
    if (visibleNow() || !('Notification' in window) || Notification.permission !== 'granted') return;
    const [title, ...rest] = p.text.split('\n');
    const n = new Notification(title, {body: rest.slice(0, 3).join('\n'), tag: 'watchbell-' + (p.card.alert || p.id), requireInteraction: true, icon: document.querySelector('link[rel=icon]').href});
    n.onclick = () => { window.focus(); location.hash = '#/c/' + p.conversation; n.close(); };
  }
  let audio;
  function beep() {
    try {
      audio ??= new AudioContext();
      for (const [at, hz] of [[0, 660], [.18, 880]]) {
        const o = audio.createOscillator(), g = audio.createGain(), t = audio.currentTime + at;
        o.frequency.value = hz;
        g.gain.setValueAtTime(0.0001, t);
        g.gain.exponentialRampToValueAtTime(0.12, t + .02);
        g.gain.exponentialRampToValueAtTime(0.0001, t + .3);
        o.connect(g).connect(audio.destination);
        o.start(t);
        o.stop(t + .32);
      }
    } catch { /* no sound here */ }
  }
  function showNotify() {
    const on = localStorage.watchbellNotify === 'on', denied = 'Notification' in window && Notification.permission === 'denied';
    $('notify').hidden = open()?.kind !== 'direct';
    $('notify').textContent = on ? 'Notifications on' : 'Notify me';
    $('notify').setAttribute('aria-pressed', String(on));
    $('notify').title = denied ? 'This browser blocks notifications for this address; only the sound is left' : 'Sound and a notification when you are paged';
  }
  $('notify').addEventListener('click', async () => {
    const on = localStorage.watchbellNotify === 'on';
    localStorage.watchbellNotify = on ? 'off' : 'on';
    showNotify();
    if (on) return;
    beep();
    if ('Notification' in window && Notification.permission === 'default') await Notification.requestPermission();
    showNotify();
  });

  // -- The connection
  let stream, retry = 0, reopening;
  let lost = 0; // a moment without a connection is nothing to worry anybody with
  function setLink(state) {
    if (state === 'live') {
      clearTimeout(lost);
      lost = 0;
      $('lost').hidden = true;
    } else lost ||= setTimeout(() => { $('lost').hidden = false; }, 2500);
    for (const e of document.querySelectorAll('.link')) {
      e.dataset.state = state;
      e.textContent = state === 'live' ? 'Live' : 'Reconnecting…';
    }
  }
  function connect() {
    clearTimeout(reopening);
    stream?.close();
    stream = new EventSource(base + '/chat/api/stream');
    stream.onopen = () => { retry = 0; setLink('live'); resync(); };
    stream.onerror = () => {
      setLink('lost');
      if (stream.readyState === EventSource.CLOSED) later();
    };
    stream.addEventListener('post', e => arrived(JSON.parse(e.data)));
    stream.addEventListener('edit', e => upsert(JSON.parse(e.data)));
    stream.addEventListener('delete', e => {
      const p = JSON.parse(e.data);
      posts.delete(p.id);
      box.querySelector(`.post[data-post="${p.id}"]`)?.remove();
    });
  }
  function later() {
    reopening = setTimeout(async () => {
      try { await call('GET', 'me'); } catch { /* 401 leads to the door */ }
      connect();
    }, Math.min(10000, 1000 * 2 ** retry++));
  }
  // resync reads again what may have been missed while nobody was connected.
  async function resync() {
    try {
      await loadConversations();
      if (current) await loadPosts();
    } catch { /* the stream will say when it is back */ }
  }
  // A connection may be dead without saying so: ask now and then, and after sleeping.
  async function probe() {
    try {
      await fetch(base + '/chat/api/me', {signal: AbortSignal.timeout(8000)});
      if (stream.readyState !== EventSource.OPEN) connect();
    } catch { setLink('lost'); stream.close(); later(); }
  }
  setInterval(probe, 30000);
  addEventListener('online', probe);
  addEventListener('offline', () => setLink('lost'));
  document.addEventListener('visibilitychange', () => { if (visibleNow()) { probe(); read(); } });
  addEventListener('focus', read);

  // -- Going from one conversation to another
  async function loadPosts() {
    const id = current, limit = 50;
    const came = meanwhile = [];
    const got = (await call('GET', `conversations/${id}/posts?limit=${limit}`)).posts;
    if (id !== current || came !== meanwhile) return; // somebody else loads by now
    meanwhile = null;
    posts = new Map(got.map(p => [p.id, p]));
    for (const p of came) if (p.conversation === id && !(posts.get(p.id)?.rev >= p.rev)) posts.set(p.id, p);
    more = got.length === limit;
    const stay = atEnd() || !box.querySelector('.post');
    const was = box.scrollTop;
    showPosts();
    box.scrollTop = stay ? box.scrollHeight : was;
    if (open()) open().unread = 0;
    showConversations();
  }
  async function older() {
    const first = Math.min(...posts.keys()), id = current, from = box.scrollHeight;
    try {
      const got = (await call('GET', `conversations/${id}/posts?before=${first}&limit=50`)).posts;
      if (id !== current) return;
      for (const p of got) posts.set(p.id, p);
      more = got.length === 50;
      showPosts();
      box.scrollTop = box.scrollHeight - from;
    } catch (err) { complain(err); }
  }
  async function route() {
    const wanted = Number((location.hash.match(/^#\/c\/(\d+)$/) || [])[1] || 0);
    const wide = matchMedia('(min-width: 721px)').matches;
    const next = wanted || (wide ? conversations[0]?.id || 0 : 0);
    $('app').dataset.view = wanted ? 'posts' : 'list';
    if (next === current) return;
    drafts.set(current, text.value);
    closeMenu();
    current = next;
    posts = new Map();
    more = false;
    box.replaceChildren();
    $('jump').hidden = true;
    const c = open();
    $('title').textContent = c ? (c.kind === 'channel' ? '# ' : '') + c.name : 'Watchbell';
    $('about').textContent = !c ? '' : c.kind === 'direct' ? 'Only you see this conversation' : 'Everybody on the team sees this channel';
    text.placeholder = c?.kind === 'direct' ? 'Type a command, such as ack' : 'Message, or / for commands';
    text.value = drafts.get(current) || '';
    grow();
    showNotify();
    showConversations();
    if (!current) return;
    try { await loadPosts(); } catch (err) { complain(err); }
    if (wide) text.focus();
  }
  addEventListener('hashchange', route);
  $('jump').addEventListener('click', () => { box.scrollTop = box.scrollHeight; });
  box.addEventListener('scroll', () => { if (atEnd()) $('jump').hidden = true; });

  // -- Writing
  const sent = [];
  let back = 0, chosen = -1, offered = [];
  function grow() { text.style.height = 'auto'; text.style.height = Math.min(text.scrollHeight + 2, innerHeight * .4) + 'px'; }
  async function send() {
    const said = text.value.trim();
    if (!said || !current) return;
    const id = current;
    sent.push(said);
    back = 0;
    text.value = '';
    grow();
    offer();
    try {
      const command = said.startsWith('/') || /^@watchbell\b/i.test(said) || open()?.kind === 'direct';
      took(await call('POST', `conversations/${id}/messages`, {text: said}), {asked: command ? said : ''});
    } catch (err) {
      if (!text.value && id === current) { text.value = said; grow(); }
      complain(err);
    }
  }
  function offer() {
    const typed = text.value.toLowerCase();
    const slashed = typed.startsWith('/') ? typed : open()?.kind === 'direct' && typed ? '/' + typed : '';
    offered = slashed && !typed.includes('\n') ? commands.filter(c => c.text.startsWith(slashed) || slashed === '/').slice(0, 7) : [];
    chosen = -1;
    $('offers').hidden = !offered.length;
    text.setAttribute('aria-expanded', String(Boolean(offered.length)));
    text.removeAttribute('aria-activedescendant');
    $('offers').replaceChildren(...offered.map((c, i) => el('li', {id: 'offer-' + i, role: 'option', 'aria-selected': 'false', on: {pointerdown: e => { e.preventDefault(); take(i); }}},
      el('b', {textContent: c.text}), el('i', {textContent: c.args}), el('span', {textContent: c.does}))));
  }
  function choose(i) {
    chosen = (i + offered.length) % offered.length;
    [...$('offers').children].forEach((e, n) => e.setAttribute('aria-selected', String(n === chosen)));
    $('offers').children[chosen].scrollIntoView({block: 'nearest'});
    text.setAttribute('aria-activedescendant', 'offer-' + chosen);
  }
  function take(i) {
    text.value = offered[i].text + (offered[i].args ? ' ' : '');
    offer();
    if (!offered[0]?.args) { $('offers').hidden = true; offered = []; }
    grow();
    text.focus();
  }
  function recall(step) {
    back = Math.max(0, Math.min(sent.length, back + step));
    text.value = back ? sent[sent.length - back] : '';
    grow();
    offer();
  }
  addEventListener('resize', () => { closeMenu(); grow(); });
  text.addEventListener('input', () => { grow(); offer(); });
  text.addEventListener('blur', () => { $('offers').hidden = true; });
  // Keyboards of phones say nothing useful on keydown; what they insert does.
  let entered = false;
  text.addEventListener('beforeinput', e => {
    if (e.inputType !== 'insertLineBreak' || shifted) return;
    e.preventDefault();
    if (!entered) send();
  });
  text.addEventListener('keyup', () => { entered = false; });
  let shifted = false;
  text.addEventListener('keydown', e => {
    shifted = e.shiftKey;
    entered = e.key === 'Enter';
    if (e.isComposing) return;
    const up = e.key === 'ArrowUp', down = e.key === 'ArrowDown', plain = !e.altKey && !e.ctrlKey && !e.metaKey;
    if (e.key === 'Enter' && !e.shiftKey) chosen >= 0 ? take(chosen) : send();
    else if (e.key === 'Tab' && !e.shiftKey && offered.length) take(Math.max(0, chosen));
    else if (e.key === 'Escape' && offered.length) { offered = []; $('offers').hidden = true; chosen = -1; }
    else if ((up || down) && plain && (back || !text.value)) recall(up ? 1 : -1);
    else if ((up || down) && plain && offered.length) choose(up ? (chosen < 0 ? -1 : chosen - 1) : chosen + 1);
    else return;
    e.preventDefault();
  });
  $('composer').addEventListener('submit', e => { e.preventDefault(); send(); text.focus(); });

  // -- Keys that work everywhere
  document.addEventListener('keydown', e => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
    if (document.querySelector('dialog[open]')) return;
    if (e.key === '/' && !typing) { e.preventDefault(); text.focus(); text.value ||= '/'; offer(); }
    else if (e.key === 'Escape' && !typing) text.focus();
    else if (e.altKey && (e.key === 'ArrowUp' || e.key === 'ArrowDown')) {
      const i = conversations.findIndex(c => c.id === current) + (e.key === 'ArrowUp' ? -1 : 1);
      const next = conversations[(i + conversations.length) % conversations.length];
      if (next) location.hash = '#/c/' + next.id;
      e.preventDefault();
    }
  });
  $('signout').addEventListener('click', async () => {
    stream?.close();
    try {
      if (!('demo' in document.body.dataset)) await call('POST', 'signout');
      location.assign(base + '/chat/signin');
    } catch (err) { complain(err); connect(); }
  });

  // -- The line above the demo
  async function story() {
    try {
      const {text: line} = await call('GET', 'strip');
      $('strip-text').textContent = line;
      $('strip').hidden = !line;
    } catch { /* next time */ }
    setTimeout(story, 2000);
  }

  try {
    me = (await call('GET', 'me')).user;
    const name = `${me.firstName} ${me.lastName}`.trim() || me.username;
    $('me-name').textContent = name;
    $('me-zone').textContent = me.timezone.replaceAll('_', ' ');
    paint($('me-avatar'), name);
    await loadConversations();
    commands = (await call('GET', 'commands')).commands;
  } catch (err) { complain(err); }
  await route();
  connect();
  if ('strip' in document.body.dataset) story();
}
