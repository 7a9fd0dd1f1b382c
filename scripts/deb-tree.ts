/**
 * The files of the Debian package: the built program with its own Node.js, so that it runs on a
 * Debian that has none or an old one, and what Debian's other packages bring: a unit, a man page,
 * completions.
 */

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readTemplate } from '../src/backends/user-templates.js';
import type { BroughtNode } from './brought-node.js';
import { DEPLOY_DEFAULTS, deployDocuments, VERSION } from './deploy-documents.js';

const TEMPLATES = 'templates/debian';
const PROGRAM = 'usr/lib/vipc';
const CONFIG = 'etc/vipc/config.yaml';
/** What Node.js loads, and what a license requires. */
const LOADED = new Set(['.js', '.cjs', '.mjs', '.json']);
const LICENSE = /^(?:licen[cs]e|notice|copying)/i;

/** Debian's names of processors. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** The name of the package's file. */
export function debName(node: BroughtNode): string {
  return `vipc_${VERSION}_${architecture(node)}.deb`;
}

/**
 * Writes the tree that dpkg-deb packs below a folder. Reads the checkout, which is the current
 * folder.
 */
export function writeDebTree(root: string, maintainer: string, node: BroughtNode): void {
  copyProgram(root, node);
  write(root, CONFIG, template('config.yaml'));
  mkdirSync(join(root, 'etc/vipc/services'), { recursive: true });
  write(root, 'usr/bin/vipc', template('vipc'), 0o755);
  for (const [path, text] of unitFiles()) write(root, `usr/lib/systemd/system/${path}`, text);
  write(root, 'usr/share/man/man1/vipc.1.gz', zipped('dist/vipc.1'));
  for (const [shell, path] of Object.entries(COMPLETIONS)) write(root, path, completion(shell));
  writeDocumentation(root, node);
  for (const name of ['postinst', 'prerm', 'postrm'])
    write(root, `DEBIAN/${name}`, template(name), 0o755);
  write(root, 'DEBIAN/conffiles', `/${CONFIG}\n`);
  const facts = {
    version: VERSION,
    architecture: architecture(node),
    kilobytes: kilobytes(root),
    maintainer,
  };
  write(root, 'DEBIAN/control', readTemplate(`${TEMPLATES}/control.hbs`)(facts));
}

function architecture({ processor }: BroughtNode): string {
  return ARCHITECTURES[processor] ?? processor;
}

function copyProgram(root: string, node: BroughtNode): void {
  write(root, `${PROGRAM}/node`, node.content, 0o755);
  const modules = readdirSync('dist/cli').filter((name) => name.endsWith('.js'));
  const built = ['package.json', 'bin/vipc.cjs', ...modules.map((name) => `dist/cli/${name}`)];
  for (const path of [...built, ...productionPackages()]) copy(root, path, `${PROGRAM}/${path}`);
}

/** The folders of the packages that the program needs, as the lock file has them. */
function productionPackages(): readonly string[] {
  const lock: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(
    readFileSync('package-lock.json', 'utf8'),
  );
  return Object.entries(lock.packages)
    .filter(([path, { dev, peer }]) => path !== '' && dev !== true && peer !== true)
    .map(([path]) => path)
    .filter((path) => existsSync(path));
}

interface LockedPackage {
  readonly dev?: boolean;
  readonly peer?: boolean;
}

/** Files that run and licenses; a package inside another is one of its own in the lock file. */
function copy(root: string, from: string, to: string): void {
  cpSync(from, join(root, to), {
    recursive: true,
    dereference: true,
    filter: (path) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (name.startsWith('.') || name === 'node_modules') return false;
      if (path === from || statSync(path).isDirectory()) return true;
      return LOADED.has(extname(name)) || LICENSE.test(name);
    },
  });
}

/** The unit of deploy/, with the program and the configuration of this package. */
function unitFiles(): readonly (readonly [string, string])[] {
  const facts = { ...DEPLOY_DEFAULTS, command: '/usr/bin/vipc', config: `/${CONFIG}` };
  return [...deployDocuments(facts)].filter(([path]) => path === 'vipc.service');
}

const COMPLETIONS: Readonly<Record<string, string>> = {
  bash: 'usr/share/bash-completion/completions/vipc',
  zsh: 'usr/share/zsh/vendor-completions/_vipc',
  fish: 'usr/share/fish/vendor_completions.d/vipc.fish',
};

function completion(shell: string): string {
  const words = ['bin/vipc.cjs', 'completion', shell];
  return execFileSync(process.execPath, words, { encoding: 'utf8' });
}

function writeDocumentation(root: string, node: BroughtNode): void {
  const folder = 'usr/share/doc/vipc';
  const text = readTemplate(`${TEMPLATES}/copyright.hbs`)({ node: node.version });
  write(root, `${folder}/copyright`, text);
  write(root, `${folder}/changelog.gz`, zipped('CHANGELOG.md'));
  write(root, `${folder}/LICENSE.nodejs`, nodeLicense(node));
}

function nodeLicense({ path }: BroughtNode): string {
  const prefix = dirname(dirname(path));
  const places = [join(prefix, 'LICENSE'), join(prefix, 'share/doc/nodejs/LICENSE')];
  const found = places.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`no license of Node.js: ${places.join(', ')}`);
  return readFileSync(found, 'utf8');
}

function template(name: string): string {
  return readFileSync(`${TEMPLATES}/${name}`, 'utf8');
}

function zipped(path: string): Uint8Array {
  return gzipSync(readFileSync(path), { level: 9 });
}

function write(root: string, path: string, content: string | Uint8Array, mode = 0o644): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, mode);
}

function kilobytes(root: string): number {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const bytes = files.map((path) => statSync(join(root, path)).size);
  return Math.ceil(bytes.reduce((sum, one) => sum + one, 0) / 1024);
}
