/** The small changes that scripts/mutate makes in a source file, found in its syntax tree. */

import { resolve } from 'node:path';
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import {
  isBinaryExpression,
  isConditionalExpression,
  isExpressionStatement,
  isIfStatement,
  isNumericLiteral,
  isPrefixUnaryExpression,
} from 'typescript/unstable/ast/is';
import { API } from 'typescript/unstable/sync';

/** One change: the text from `start` to `end` is replaced. */
export interface Mutant {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** From 1 on. */
  readonly line: number;
}

/** What each operator becomes. */
const OPERATORS: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '&&': '||',
  '||': '&&',
  '-': '+',
  '*': '/',
};

/**
 * All mutants of a file of this checkout, in its order: comparisons and logical operators turned
 * round, conditions that never hold, booleans flipped, numbers one larger, calls and assignments
 * left out.
 */
export function mutantsOf(file: string): readonly Mutant[] {
  const source = sourceOf(file);
  const mutants: Mutant[] = [];
  const replace = (node: Node, replacement: string): void => {
    const start = node.getStart(source);
    const line = source.text.slice(0, start).split('\n').length;
    mutants.push({ start, end: node.end, replacement, line });
  };
  const textOf = (node: Node): string => source.text.slice(node.getStart(source), node.end);
  const visit = (node: Node): void => {
    if (isBinaryExpression(node)) {
      const operator = OPERATORS[textOf(node.operatorToken)];
      if (operator !== undefined) replace(node.operatorToken, operator);
    } else if (isIfStatement(node)) replace(node.expression, 'false');
    else if (isConditionalExpression(node)) replace(node.condition, `!(${textOf(node.condition)})`);
    else if (isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken)
      replace(node, textOf(node.operand));
    else if (isExpressionStatement(node)) replace(node, ';');
    else if (isNumericLiteral(node)) replace(node, String(Number(textOf(node)) + 1));
    else if (node.kind === SyntaxKind.TrueKeyword) replace(node, 'false');
    else if (node.kind === SyntaxKind.FalseKeyword) replace(node, 'true');
    if (!isType(node)) node.forEachChild(visit);
  };
  source.forEachChild(visit);
  return mutants;
}

/** Types are removed when tests run. */
function isType({ kind }: Node): boolean {
  return kind === SyntaxKind.InterfaceDeclaration || kind === SyntaxKind.TypeAliasDeclaration;
}

function sourceOf(file: string): SourceFile {
  const api = new API({ cwd: process.cwd() });
  try {
    const [project] = api
      .updateSnapshot({ openProjects: [resolve('tsconfig.json')] })
      .getProjects();
    const source = project?.program.getSourceFile(resolve(file));
    if (source === undefined) throw new Error(`${file} is not among the files of tsconfig.json`);
    return source;
  } finally {
    api.close();
  }
}
