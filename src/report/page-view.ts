/** What `page.hbs` has holes for, and how texts stand in it. */

/** The texts of a page. */
export interface PageView {
  readonly title: string;
  readonly style: string;
  readonly script: string;
  /** Sources of a Content-Security-Policy. */
  readonly styleHash: string;
  readonly scriptHash: string;
  readonly connect: string;
  /** JSON that is safe in an element. */
  readonly head: string;
  /** Base64. */
  readonly parts: readonly string[];
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
};

/** A text that stands for itself in an element, or in an attribute in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
