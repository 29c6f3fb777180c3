const data = JSON.parse(document.getElementById('data').textContent);
const PAGE = 400;
const MARKS = { a: '●', r: '·', O: '!', S: '?', '.': '' };
const MEANING = { a: 'may', r: 'may not', O: 'may, against the tables', S: 'may not, against the tables' };
const VIEWS = {
  deployed: 'everything deployed',
  role: 'a role’s policies alone',
  boundary: 'the boundary alone',
  resource: 'a resource’s policy alone',
  endpoint: 'an endpoint’s policy alone',
};
const byId = (id) => document.getElementById(id);
function make(name, text, more = {}) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  return Object.assign(element, more);
}
const row = (cells, name = 'td') => {
  const line = make('tr');
  line.append(...cells.map((cell) => make(name, cell)));
  return line;
};
const number = (value) => value.toLocaleString('en-US');

function summary() {
  const surprises = data.surprises.length + data.gaps.length;
  const total = Object.values(data.counts).reduce((sum, { cases }) => sum + cases, 0);
  const caught = data.mutants
    ? `; ${(100 * data.mutants.share).toFixed(1)} % of ${number(data.mutants.mutants)} mutants caught`
    : '';
  byId('verdict').textContent =
    surprises === 0
      ? `${number(total)} cases, each as expected${caught}`
      : `${number(surprises)} surprises in ${number(total)} cases${caught}`;
  byId('verdict').className = surprises === 0 ? 'good' : 'bad';
  for (const view of data.views) {
    const { cases, allowed } = data.counts[view];
    byId('counts').append(row([VIEWS[view], `${number(cases)} cases`, `${number(allowed)} allowed`]));
  }
}

const form = byId('filter');
let limit = PAGE;

function columns() {
  const who = form.elements.who.value.trim().toLowerCase();
  const every = form.elements.everybody.checked;
  return data.parties
    .map((party, index) => ({ ...party, index }))
    .filter(({ id, main }) =>
      who === '' ? every || main : id.toLowerCase().includes(who) && (every || main || id === who),
    );
}

function matching(shown) {
  const view = Number(form.elements.view.value);
  const target = form.elements.target.value.trim().toLowerCase();
  const action = form.elements.action.value.trim().toLowerCase();
  const { allowed, changed } = form.elements;
  // The root user, administrators and what empties a sandbox may do much: they alone make no row worth showing.
  const telling = shown.filter(({ id }) => shown.length < 3 || !/^(root|administrator|teardown .*)$/.test(id));
  return data.rows.filter(([of, where, what, deviation, pattern]) => {
    if (of !== view || (deviation !== -1 && !changed.checked)) return false;
    if (!data.texts[where].toLowerCase().includes(target) || !data.texts[what].toLowerCase().includes(action))
      return false;
    const cells = data.patterns[pattern];
    return !allowed.checked || telling.some(({ index }) => 'aOS'.includes(cells[index]));
  });
}

function draw() {
  const shown = columns();
  const rows = matching(shown);
  const head = make('tr');
  head.append(make('th', 'target and action', { className: 'name' }));
  for (const { id, what } of shown) {
    const cell = make('th', undefined, { className: 'party', title: `${id}: ${what}` });
    cell.append(make('span', id));
    head.append(cell);
  }
  const body = [];
  let last = '';
  for (const [, where, what, deviation, pattern] of rows.slice(0, limit)) {
    const target = data.texts[where];
    if (target !== last) {
      const line = make('tr');
      line.append(make('th', target, { className: 'target' }), make('td', '', { colSpan: shown.length }));
      body.push(line);
      last = target;
    }
    const line = make('tr');
    const name = make('th', data.texts[what]);
    if (deviation !== -1) name.append(make('em', ` ${data.texts[deviation]}`));
    line.append(name);
    for (const { id, index } of shown) {
      const cell = data.patterns[pattern][index];
      const title = MEANING[cell] ? `${id} ${MEANING[cell]}: ${data.texts[what]} on ${target}` : 'not asked';
      line.append(make('td', MARKS[cell], { className: cell === '.' ? '' : cell, title }));
    }
    body.push(line);
  }
  const grid = byId('grid');
  grid.tHead.replaceChildren(head);
  grid.tBodies[0].replaceChildren(...body);
  byId('shown').textContent = `${number(Math.min(limit, rows.length))} of ${number(rows.length)} rows`;
  byId('more').hidden = rows.length <= limit;
}

function lines() {
  const [table] = byId('lines').getElementsByTagName('table');
  const find = byId('find');
  table.tHead.append(row(['table', 'who', 'may', 'on', 'because'], 'th'));
  const all = data.lines.map(({ table: of, who, may, on, because }) => {
    const kept = of === 'reservation' ? `only ${who.join(', ') || 'nobody'}` : who.join(', ');
    return [of, kept, may.join(' '), on.join(' '), because];
  });
  const show = () => {
    const text = find.value.toLowerCase();
    table.tBodies[0].replaceChildren(
      ...all.filter((cells) => cells.join(' ').toLowerCase().includes(text)).map((cells) => row(cells)),
    );
  };
  find.addEventListener('input', show);
  show();
}

function mutants() {
  const place = byId('mutants');
  if (!data.mutants) {
    place.append(make('p', 'Not tried: parapet perimeter --mutate --html FILE.'));
    return;
  }
  const { mutants: total, caught, survivors } = data.mutants;
  place.append(
    make(
      'p',
      `${number(caught)} of ${number(total)} caught. What nobody can catch changes nothing, for the reason beside it:`,
    ),
  );
  const table = make('table');
  table.append(row(['statement', 'change', 'because'], 'th'));
  table.append(
    ...survivors.map(({ statement, change, because }) => row([statement, change, because ?? 'nobody has said why'])),
  );
  place.append(table);
}

function surprises() {
  const found = [...data.surprises.map(({ what, actual }) => `${actual} against the tables: ${what}`), ...data.gaps];
  const list = make('ul');
  list.append(...found.map((text) => make('li', text)));
  byId('surprises').append(found.length === 0 ? make('p', 'None.') : list);
}

data.views.forEach((view, index) => {
  form.elements.view.append(make('option', VIEWS[view], { value: String(index) }));
});
byId('parties').append(...data.parties.map(({ id }) => make('option', undefined, { value: id })));
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('input', () => {
  limit = PAGE;
  draw();
});
byId('more').addEventListener('click', () => {
  limit += PAGE;
  draw();
});
for (const button of document.querySelectorAll('nav button')) {
  button.addEventListener('click', () => {
    for (const other of document.querySelectorAll('nav button')) {
      other.setAttribute('aria-pressed', String(other === button));
      byId(other.dataset.tab).hidden = other !== button;
    }
  });
}
summary();
draw();
lines();
mutants();
surprises();
