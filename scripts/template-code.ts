/**
 * Writes a template as a function of TypeScript. It has the words of the template and the fields of
 * its view, so that the types say whether the view has all of them, and it runs in a fraction of
 * the time of what `Handlebars.precompile` makes of the same template.
 */

import Handlebars from 'handlebars';

/** What an expression is read in. */
interface Scope {
  /** The item of each list that is open, the innermost first, and the view. */
  readonly contexts: readonly string[];
  /** The function that what stands in two braces goes through, and in three does not. */
  readonly escaping: string | undefined;
}

/**
 * A function that gives what Handlebars would give with `TEMPLATE_OPTIONS`. Throws Error where the
 * template has anything besides fields, `#each`, `#if` and `#unless`; those of the last two are no
 * lists.
 */
export function templateFunction(
  name: string,
  viewType: string,
  template: string,
  escaping?: string,
): string {
  const body = blockCode(Handlebars.parse(template), { contexts: ['view'], escaping }, '  ');
  return `export function ${name}(view: ${viewType}): string {\n  let text = '';\n${body}  return text;\n}\n`;
}

/** `start`: what stands in front of the first line. */
function blockCode(program: hbs.AST.Program, scope: Scope, indent: string, start = ''): string {
  let code = '';
  let line: string[] = [start];
  const write = (): void => {
    if (line.some((part) => part !== '')) code += `${indent}text += \`${line.join('')}\`;\n`;
    line = [];
  };
  for (const statement of program.body) {
    const inline = inlineCode(statement, scope);
    if (inline !== undefined) line.push(inline);
    else {
      write();
      code += statementCode(statement as hbs.AST.BlockStatement, scope, indent);
    }
  }
  write();
  return code;
}

/** What stands in a template literal; `undefined` for a block. */
function inlineCode(statement: hbs.AST.Statement, scope: Scope): string | undefined {
  if (statement.type === 'ContentStatement')
    return literal((statement as hbs.AST.ContentStatement).value);
  if (statement.type !== 'MustacheStatement') return undefined;
  const { path, params, escaped } = statement as hbs.AST.MustacheStatement;
  if (params.length > 0) throw new Error(`helper ${pathText(path)}`);
  const field = fieldCode(path, scope);
  return scope.escaping !== undefined && escaped
    ? `\${${scope.escaping}(${field})}`
    : `\${${field}}`;
}

function statementCode(statement: hbs.AST.BlockStatement, scope: Scope, indent: string): string {
  const { path, params, program, inverse } = statement;
  const [subject] = params;
  const helper = statement.type === 'BlockStatement' ? pathText(path) : statement.type;
  if (subject === undefined || params.length > 1) throw new Error(`${helper} of one field`);
  const field = fieldCode(subject, scope);
  const inside = `${indent}  `;
  const otherwise =
    inverse === undefined ? '' : `${indent}} else {\n${blockCode(inverse, scope, inside)}`;
  const condition = { if: field, unless: `!${field}` }[helper];
  if (condition !== undefined)
    return `${indent}if (${condition}) {\n${blockCode(program, scope, inside)}${otherwise}${indent}}\n`;
  if (helper !== 'each' || inverse !== undefined) throw new Error(`block ${helper}`);
  return listCode(program, field, scope, indent);
}

/**
 * Most lists are empty most often, and V8 takes longer for a loop than to look at their length.
 * What all items begin with is put together once.
 */
function listCode(program: hbs.AST.Program, field: string, scope: Scope, indent: string): string {
  const depth = scope.contexts.length;
  const item = `item${depth}`;
  const inner = { ...scope, contexts: [item, ...scope.contexts] };
  const same = Math.max(
    program.body.findIndex((one) => !isSameForAll(one)),
    0,
  );
  const start = program.body
    .slice(0, same)
    .map((one) => inlineCode(one, inner))
    .join('');
  const isWorthIt = start.includes('${');
  const rest = isWorthIt ? { ...program, body: program.body.slice(same) } : program;
  const body = blockCode(rest, inner, `${indent}    `, isWorthIt ? `\${start${depth}}` : '');
  return [
    `${indent}if (${field}.length > 0) {\n`,
    isWorthIt ? `${indent}  const start${depth} = \`${start}\`;\n` : '',
    `${indent}  for (const ${item} of ${field}) {\n${body}${indent}  }\n${indent}}\n`,
  ].join('');
}

/** Whether a statement in a list writes the same for each item. */
function isSameForAll(statement: hbs.AST.Statement): boolean {
  if (statement.type === 'ContentStatement') return true;
  if (statement.type !== 'MustacheStatement') return false;
  const { data, depth } = (statement as hbs.AST.MustacheStatement).path as hbs.AST.PathExpression;
  return data || depth > 0;
}

/** `view.port` for `@root.port`, `item1.chain` for `../chain` below two lists. */
function fieldCode(expression: hbs.AST.Expression, { contexts }: Scope): string {
  const { data, depth, parts } = expression as hbs.AST.PathExpression;
  const [context, fields] = data
    ? [parts[0] === 'root' ? 'view' : undefined, parts.slice(1)]
    : [contexts[depth], parts];
  if (expression.type !== 'PathExpression' || context === undefined)
    throw new Error(`expression ${pathText(expression)}`);
  return [context, ...fields].join('.');
}

function pathText(expression: hbs.AST.Expression): string {
  return (expression as hbs.AST.PathExpression).original ?? expression.type;
}

/** A text as it stands in a template literal. */
function literal(text: string): string {
  return text.replace(/[\\`]|\$(?=\{)/g, '\\$&').replaceAll('\n', '\\n');
}
