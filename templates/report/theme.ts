/** Light, dark, or as the system has it. */

import { h } from './dom.js';

const THEMES = ['auto', 'light', 'dark'] as const;

/** A button that goes from one to the next. */
export function themeButton(): HTMLElement {
  const button = h('button', { type: 'button', class: 'theme' });
  let current: number = 0;
  const show = (): void => {
    const theme = THEMES[current] ?? 'auto';
    button.textContent = `Theme: ${theme}`;
    document.documentElement.setAttribute('data-theme', theme);
  };
  button.addEventListener('click', () => {
    current = (current + 1) % THEMES.length;
    show();
  });
  show();
  return button;
}
