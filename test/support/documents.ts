/**
 * The README, the pages of docs/ and that of deploy/, and the commands that they show. Those of
 * docs/lint are made by a script.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

/** Paths from the root of the checkout. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  'deploy/README.md',
  ...readdirSync(`${ROOT}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** A command with what is shown below it. */
export interface ShownCommand {
  readonly command: string;
  readonly shown: string;
}

export function documentText(path: string): string {
  return readFileSync(`${ROOT}${path}`, 'utf8');
}

/** The text of all of them, for tests of something that one of them shows. */
export function allDocuments(): string {
  return DOCUMENTS.map(documentText).join('\n');
}

/** The commands of each `console` block. */
export function consoleBlocks(text: string): readonly (readonly ShownCommand[])[] {
  return [...text.matchAll(/^```console\n(.*?)^```/gms)].map(([, block = '']) =>
    [...block.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, command = '', shown = '']) => ({
      command,
      shown,
    })),
  );
}
