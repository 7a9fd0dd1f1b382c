/** Finds the one configuration in a file: alone, among other documents, or inside kubeadm's ConfigMap. */

import type { Diagnostic, Position } from '../diagnostics.js';
import { ConfigError } from '../errors.js';
import { type ConfigText, type FieldPath, fieldPosition, parseConfigText } from './document.js';
import { isRecord } from './shape.js';

/** One document of a configuration file. */
export interface ConfigDocument {
  readonly value: unknown;
  /** Findings about the text itself. */
  readonly diagnostics: readonly Diagnostic[];
  /** Where a field, or its key, stands in the file; `undefined` where there is no file. */
  readonly position: (path: FieldPath, part: 'key' | 'value') => Position | undefined;
}

const KIND = 'KubeProxyConfiguration';
/** The key under which kubeadm keeps the file. */
const CONFIG_MAP_KEY = 'config.conf';

/**
 * The document that holds the KubeProxyConfiguration. In a file with several documents (kubeadm
 * keeps them together) the one of that kind; in a ConfigMap the text of `data["config.conf"]`,
 * with places counted in the outer file.
 */
export function configDocument(text: string, name: string): ConfigDocument {
  const source = parseConfigText(text, name);
  const [only, ...more] = source.documents;
  const ofKind = source.documents.filter(({ value }) => isRecord(value) && value.kind === KIND);
  if (ofKind.length > 1) {
    throw new ConfigError(`${name}: holds ${ofKind.length} documents of kind ${KIND}`, {
      hint: 'keep one',
    });
  }
  const chosen = ofKind[0] ?? (more.length === 0 ? only : undefined);
  if (chosen === undefined && more.length > 0) {
    throw new ConfigError(`${name}: none of its ${more.length + 1} documents is a ${KIND}`);
  }
  const inner = chosen === undefined ? undefined : embeddedText(chosen.value);
  if (chosen !== undefined && inner !== undefined) return embedded(source, chosen.index, inner);
  return singleDocument(source, chosen?.index ?? 0, chosen?.value);
}

/** The document of a file that holds just one, such as host facts. */
export function onlyDocument(text: string, name: string): ConfigDocument {
  const source = parseConfigText(text, name);
  if (source.documents.length > 1) {
    throw new ConfigError(`${name}: holds ${source.documents.length} documents instead of one`);
  }
  return singleDocument(source, source.documents[0]?.index ?? 0, source.documents[0]?.value);
}

function singleDocument(source: ConfigText, index: number, value: unknown): ConfigDocument {
  return {
    value,
    diagnostics: source.diagnostics,
    position: (path, part) => fieldPosition(source, index, path, part),
  };
}

function embeddedText(value: unknown): string | undefined {
  if (!isRecord(value) || value.kind !== 'ConfigMap' || !isRecord(value.data)) return undefined;
  const text = value.data[CONFIG_MAP_KEY];
  return typeof text === 'string' ? text : undefined;
}

/** In a literal block a line of the inner text is a line of the file, moved down and to the right; in a quoted scalar only its start is known. */
function embedded(source: ConfigText, index: number, text: string): ConfigDocument {
  const start = fieldPosition(source, index, ['data', CONFIG_MAP_KEY], 'value');
  const lines = source.text.split('\n');
  const literal = lines[start.line - 1]?.[start.column - 1] === '|';
  const indent = /^ */.exec(lines[start.line] ?? '')?.[0].length ?? 0;
  const outer = (place: Position): Position => {
    if (!literal) return start;
    return { file: source.name, line: start.line + place.line, column: indent + place.column };
  };
  const inner = configDocument(text, source.name);
  return {
    value: inner.value,
    diagnostics: [...source.diagnostics, ...inner.diagnostics.map((found) => moved(found, outer))],
    position: (path, part) => {
      const place = inner.position(path, part);
      return place === undefined ? undefined : outer(place);
    },
  };
}

function moved(diagnostic: Diagnostic, outer: (place: Position) => Position): Diagnostic {
  return diagnostic.position === undefined
    ? diagnostic
    : { ...diagnostic, position: outer(diagnostic.position) };
}
