'use strict';
(() => {
  const one = selector => document.querySelector(selector);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const search = one('#q'), hits = one('#hits'), fold = one('#fold');
  const items = all('.talk > *');
  const calls = () => all('.talk details');
  const texts = new Array(items.length);
  let opened = [], timer = 0, current = -1;

  // The words of folded calls count too. They are collected when they are first needed.
  const textOf = i => texts[i] ??= items[i].textContent.toLowerCase();

  function mark(words, found) {
    if (!globalThis.Highlight || !CSS.highlights) return;
    CSS.highlights.delete('found');
    if (!words) return;
    const ranges = [];
    for (const item of found.slice(0, 300)) {
      const walker = document.createTreeWalker(item, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node && ranges.length < 3000; node = walker.nextNode()) {
        const text = node.data.toLowerCase();
        if (text.length !== node.data.length) continue;
        for (let at = text.indexOf(words); at >= 0 && ranges.length < 3000; at = text.indexOf(words, at + words.length)) {
          const range = new Range();
          range.setStart(node, at);
          range.setEnd(node, at + words.length);
          ranges.push(range);
        }
      }
    }
    if (ranges.length) CSS.highlights.set('found', new Highlight(...ranges));
  }

  function find() {
    const words = search.value.trim().toLowerCase();
    for (const item of opened) item.open = false;
    opened = [];
    const found = [];
    items.forEach((item, i) => {
      const isFound = !words || textOf(i).includes(words);
      item.hidden = !isFound;
      if (words && isFound) found.push(item);
    });
    if (words && found.length <= 100) {
      for (const item of found) {
        for (const call of [item, ...all('details', item)]) {
          if (call.tagName === 'DETAILS' && !call.open && call.textContent.toLowerCase().includes(words)) {
            call.open = true;
            opened.push(call);
          }
        }
      }
    }
    hits.textContent = words ? `${found.length} of ${items.length}` : '';
    mark(words, found);
    current = -1;
  }

  function go(step) {
    const visible = items.filter(item => item.offsetParent !== null);
    if (!visible.length) return;
    items[current]?.classList.remove('here');
    let at = visible.indexOf(items[current]);
    if (at < 0) at = step > 0 ? visible.findIndex(item => item.getBoundingClientRect().bottom > 120) - 1 : visible.length;
    const next = visible[Math.min(visible.length - 1, Math.max(0, at + step))];
    current = items.indexOf(next);
    next.classList.add('here');
    const target = next.querySelector(':scope > summary') ?? next;
    if (target === next) next.tabIndex = -1;
    target.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'start' });
  }

  function foldAll() {
    const list = calls(), open = list.some(call => !call.open);
    for (const call of list) call.open = open;
    fold.textContent = open ? 'Fold all' : 'Expand all';
  }

  // A link to a call opens it and all that it is in.
  function reveal() {
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let part = target; part; part = part.parentElement) {
      if (part.tagName === 'DETAILS') part.open = true;
      part.hidden = false;
    }
    target.scrollIntoView();
  }

  search.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(find, 120); });
  fold.addEventListener('click', foldAll);
  for (const [id, name, isOn] of [['#show-tools', 'no-tools', false], ['#show-notes', 'no-notes', false], ['#only-failed', 'problems', true]]) {
    const box = one(id), apply = () => document.body.classList.toggle(name, box.checked === isOn);
    box.addEventListener('change', apply);
    apply();
  }
  addEventListener('hashchange', reveal);
  if (location.hash) reveal();
  addEventListener('keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const isTyping = event.target === search;
    if (event.key === 'Escape' && (isTyping || search.value)) {
      search.value = '';
      find();
      search.blur();
    } else if (isTyping) {
      return;
    } else if (event.key === '/') {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === 'j') {
      go(1);
    } else if (event.key === 'k') {
      go(-1);
    } else if (event.key === 'e') {
      foldAll();
    }
  });
  let folded = [];
  addEventListener('beforeprint', () => { folded = all('details').filter(part => !part.open); for (const part of folded) part.open = true; });
  addEventListener('afterprint', () => { for (const part of folded) part.open = false; folded = []; });
})();
