/** Finds the one configuration in a file: alone, among other documents, or in a ConfigMap. */

import type { Diagnostic, Position } from '../diagnostics.js';
import { ConfigError } from '../errors.js';
import { documentLocator, readSource } from '../input/documents.js';
import type { FieldPath } from '../input/path.js';
import { type Locator, positionAt, type Source, type SourceDocument } from '../input/source.js';
import { decodeText } from '../input/text.js';
import { isArray, isObject, plainWord } from '../input/value.js';
import { type ConfigDocument, refuseDiagnostics } from './problems.js';

const KIND = 'KubeProxyConfiguration';

/**
 * The document that holds the KubeProxyConfiguration: in a file with several documents the one of
 * that kind, in a ConfigMap the text under any of its keys (kubeadm: `config.conf`, EKS: `config`,
 * Gardener: `config.yaml`), also inside a List. Positions count in the outer file. Throws
 * ConfigError where the text cannot be read, or holds no or several such documents.
 */
export function configDocument(text: string, name: string): ConfigDocument {
  const { source, documents, diagnostics } = readConfig(text, name);
  const found = documents.flatMap((document) => candidates(source, document));
  const [first, ...more] = found;
  if (more.length > 0) {
    throw new ConfigError(`${name}: holds ${found.length} documents of kind ${KIND}`, {
      hint: 'keep one',
    });
  }
  if (first !== undefined) {
    return { ...first, diagnostics: [...diagnostics, ...first.diagnostics] };
  }
  if (documents.length > 1) {
    throw new ConfigError(`${name}: none of its ${documents.length} documents is a ${KIND}`);
  }
  const [only] = documents;
  if (only !== undefined) refuseConfigMap(only.value, name);
  return singleDocument(source, only, diagnostics);
}

/** The document of a file that holds just one, such as host facts. */
export function onlyDocument(text: string, name: string): ConfigDocument {
  const { source, documents, diagnostics } = readConfig(text, name);
  if (documents.length > 1) {
    throw new ConfigError(`${name}: holds ${documents.length} documents instead of one`);
  }
  return singleDocument(source, documents[0], diagnostics);
}

interface ConfigText {
  readonly source: Source;
  readonly documents: readonly SourceDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Every document must parse: a broken one may be the configuration. */
function readConfig(text: string, name: string): ConfigText {
  const source = { name, text };
  const { documents, diagnostics } = readSource(source);
  if (diagnostics.some(({ severity }) => severity === 'error')) refuseDiagnostics(diagnostics);
  return { source, documents, diagnostics };
}

function singleDocument(
  source: Source,
  document: SourceDocument | undefined,
  diagnostics: readonly Diagnostic[],
): ConfigDocument {
  const locate = lazyLocator(source, document);
  return {
    value: document?.value,
    diagnostics,
    position: (path, part) => positionAt(source, locate(path, part)),
  };
}

/** The text is scanned when the first place is needed. */
function lazyLocator(source: Source, document: SourceDocument | undefined): Locator {
  let locator: Locator | undefined;
  return (path, part) => {
    if (document === undefined) return 0;
    locator ??= documentLocator(source, document);
    return locator(path, part);
  };
}

/** Every KubeProxyConfiguration in a document. */
function candidates(source: Source, document: SourceDocument): readonly ConfigDocument[] {
  const locate = lazyLocator(source, document);
  const visit = (value: unknown, path: FieldPath): readonly ConfigDocument[] => {
    if (!isObject(value)) return [];
    if (value.kind === KIND) {
      const position: ConfigDocument['position'] = (inner, part) =>
        positionAt(source, locate([...path, ...inner], part));
      return [{ value, diagnostics: [], position }];
    }
    if (value.kind === 'ConfigMap') {
      return textsOf(value).flatMap(({ field, key, text }) =>
        text.includes(KIND) ? embedded(source, locate([...path, field, key], 'value'), text) : [],
      );
    }
    if (value.kind !== 'List' && value.kind !== 'ConfigMapList') return [];
    const items = isArray(value.items) ? value.items : [];
    return items.flatMap((item, i) =>
      isObject(item) && item.kind === 'List' ? [] : visit(item, [...path, 'items', i]),
    );
  };
  return visit(document.value, []);
}

interface ConfigMapText {
  readonly field: 'data' | 'binaryData';
  readonly key: string;
  readonly text: string;
}

/** The values of a ConfigMap; kubectl keeps a file that is not UTF-8 in `binaryData`. */
function textsOf({ data, binaryData }: Readonly<Record<string, unknown>>): ConfigMapText[] {
  const entries = (value: unknown): readonly (readonly [string, unknown])[] =>
    isObject(value) ? Object.entries(value) : [];
  return [
    ...entries(data).flatMap(([key, text]): ConfigMapText[] =>
      typeof text === 'string' ? [{ field: 'data', key, text }] : [],
    ),
    ...entries(binaryData).map(
      ([key, text]): ConfigMapText => ({ field: 'binaryData', key, text: decoded(text, key) }),
    ),
  ];
}

/** The text of bytes in base64; `''` where they are none. */
function decoded(base64: unknown, key: string): string {
  if (typeof base64 !== 'string') return '';
  try {
    return decodeText(Buffer.from(base64, 'base64'), key);
  } catch {
    return '';
  }
}

/**
 * The configurations in a text that is a value of another one. In a literal block a line of the
 * inner text is a line of the file, moved down and to the right; otherwise only its start is known.
 */
function embedded(source: Source, offset: number, text: string): readonly ConfigDocument[] {
  const start = positionAt(source, offset);
  const header = source.text.slice(0, offset).split('\n').at(-2) ?? '';
  const isLiteral = start.column === 1 && /\|[-+\d]*[ \t]*(?:#.*)?\r?$/.test(header);
  const indent = /^ */.exec(source.text.slice(offset, offset + 100))?.[0].length ?? 0;
  const outer = (place: Position): Position =>
    isLiteral
      ? { file: source.name, line: start.line - 1 + place.line, column: indent + place.column }
      : start;
  const inner = { name: source.name, text };
  const { documents, diagnostics } = readSource(inner);
  const moved = diagnostics.map((diagnostic) =>
    diagnostic.position === undefined
      ? diagnostic
      : { ...diagnostic, position: outer(diagnostic.position) },
  );
  if (moved.some(({ severity }) => severity === 'error')) refuseDiagnostics(moved);
  return documents
    .filter(({ value }) => isObject(value) && value.kind === KIND)
    .map((document) => {
      const locate = lazyLocator(inner, document);
      return {
        value: document.value,
        diagnostics: moved,
        position: (path, part) => outer(positionAt(inner, locate(path, part))),
      };
    });
}

function refuseConfigMap(value: unknown, name: string): void {
  if (!isObject(value) || value.kind !== 'ConfigMap') return;
  const keys = textsOf(value).map(({ key }) => key);
  const named =
    keys.length === 0
      ? 'it has no keys'
      : `its keys are ${keys.slice(0, 10).map(plainWord).join(', ')}`;
  throw new ConfigError(`${name}: this ConfigMap holds no ${KIND}; ${named}`);
}
