// What the page does: the keys of the heat map, its panel of details, light and dark. It writes text alone, never markup.

export const script = `
'use strict';
(() => {
  const root = document.documentElement;
  const button = document.getElementById('theme');
  const isDark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  const label = () => { button.textContent = isDark() ? 'Light' : 'Dark'; };
  button.hidden = false;
  button.addEventListener('click', () => { root.dataset.theme = isDark() ? 'light' : 'dark'; label(); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', label);
  label();

  const data = JSON.parse(document.getElementById('data').textContent);
  const add = (parent, name, text, kind) => {
    const made = document.createElement(name);
    made.textContent = text;
    if (kind) made.className = kind;
    parent.append(made);
    return made;
  };

  for (const grid of document.querySelectorAll('table.grid')) {
    const { rows, builds, cells } = data.maps[Number(grid.dataset.map)];
    const panel = document.getElementById(grid.dataset.panel);
    const lines = [...grid.tBodies[0].rows];
    const cellAt = (row, column) => lines[row] && lines[row].cells[column + 1];
    const placeOf = (cell) => [lines.indexOf(cell.parentNode), cell.cellIndex - 1];
    let current = grid.querySelector('td[tabindex="0"]');

    const show = (cell) => {
      const [row, column] = placeOf(cell);
      const build = builds[column];
      const [what, root, reasons] = cells[row][column] || ['not in this Dockerfile', '', []];
      if (!cell.title) cell.title = cell.getAttribute('aria-label') || '';
      panel.replaceChildren();
      add(panel, 'p', rows[row], 'name');
      add(panel, 'p', what);
      add(panel, 'p', build, 'faint');
      if (root) add(panel, 'p', 'It began with ' + root);
      if (reasons.length > 0) {
        const list = add(panel, 'ul', '');
        for (const one of reasons) add(list, 'li', data.words[one]);
      }
    };
    const select = (cell) => {
      if (!cell) return;
      if (current) current.tabIndex = -1;
      current = cell;
      cell.tabIndex = 0;
      cell.focus();
    };
    grid.addEventListener('focusin', ({ target }) => {
      if (target.tagName !== 'TD') return;
      if (current && current !== target) current.tabIndex = -1;
      current = target;
      target.tabIndex = 0;
      show(target);
    });
    grid.addEventListener('mouseover', ({ target }) => {
      if (target.tagName === 'TD' && !grid.contains(document.activeElement)) show(target);
    });
    grid.addEventListener('click', ({ target }) => { if (target.tagName === 'TD') select(target); });
    grid.addEventListener('keydown', (event) => {
      if (event.target.tagName !== 'TD' || event.altKey || event.metaKey) return;
      const [row, column] = placeOf(event.target);
      const [bottom, right] = [lines.length - 1, builds.length - 1];
      const all = event.ctrlKey;
      const to = {
        ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
        Home: [all ? 0 : row, 0], End: [all ? bottom : row, right],
        PageUp: [row, Math.max(0, column - 10)], PageDown: [row, Math.min(right, column + 10)],
      }[event.key];
      if (to) {
        event.preventDefault();
        if (to[1] >= 0) select(cellAt(...to));
      } else if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        panel.focus();
      }
    });
    panel.addEventListener('keydown', ({ key }) => { if (key === 'Escape') select(current); });
  }
})();
`;
