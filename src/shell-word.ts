/** Words of the commands that messages propose. */

/** A word of a command: quoted where a shell would read more than a word in it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
