// What tests ask a page in a browser: programs as text, so that neither types of a DOM nor a compiler's own names are needed.

/** The name, or else the text, of what has the focus. */
export const focusedName = `(() => {
  const { activeElement } = document;
  return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent ?? '';
})()`;

/** Elements that a screen reader should call by a name and cannot. */
export const namelessParts = `[...document.querySelectorAll('table, [role=region], [role=img], nav, section, button, [tabindex="0"]')]
  .filter((element) => {
    const ids = (element.getAttribute('aria-labelledby') ?? '').split(' ').filter(Boolean);
    if (ids.length > 0) return ids.some((id) => !document.getElementById(id)?.textContent);
    return !element.getAttribute('aria-label') && !element.querySelector('caption')?.textContent;
  })
  .map(({ outerHTML }) => outerHTML.slice(0, 80))`;

export const allIds = `[...document.querySelectorAll('[id]')].map(({ id }) => id)`;
export const headingLevels = `[...document.querySelectorAll('h1,h2,h3,h4')].map(({ tagName }) => Number(tagName[1]))`;
export const ground = 'getComputedStyle(document.body).backgroundColor';

/** Boxes of the focused cell, of the header of its row, and of what scrolls around them. */
export const gridBoxes = `(() => {
  const box = (element) => {
    const { left, right } = element.getBoundingClientRect();
    return { left, right };
  };
  const focus = document.activeElement;
  return { cell: box(focus), header: box(focus.parentElement.firstElementChild), map: box(focus.closest('.map')) };
})()`;

/** Texts whose colour is nearer than 4.5 to 1 to what is behind them (WCAG 2.2, 1.4.3). */
export const poorContrast = `(() => {
  const numbers = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (color) => {
    const [r, g, b] = numbers(color).map((one) => {
      const share = one / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = getComputedStyle(one).backgroundColor;
      if (numbers(color)[3] !== 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const poor = new Set();
  for (const element of document.querySelectorAll('p,h1,h2,h3,th,td,dt,dd,a,span,code,li,button,i,summary,caption')) {
    const isCell = element.matches('td[tabindex], .key span');
    if (!isCell && !element.textContent.trim()) continue;
    const words = light(getComputedStyle(element, isCell ? '::after' : null).color);
    const behind = light(groundOf(element));
    const ratio = (Math.max(words, behind) + 0.05) / (Math.min(words, behind) + 0.05);
    if (ratio < 4.5) poor.add(element.tagName + '.' + element.className + ' ' + ratio.toFixed(2));
  }
  return [...poor];
})()`;
