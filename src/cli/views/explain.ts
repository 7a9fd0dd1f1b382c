/** What a Service does on a node, and why, for people. */

import { type Check, labelText, QUESTIONS } from '../../explain/checks.js';
import type { ExplainedService } from '../../explain/service.js';
import { LEFT_OUT_WORDS, policyText } from '../../explain/words.js';
import type { LeftOut } from '../../model/verdicts.js';
import { inetNtop } from '../../net/ip.js';
import { printable } from '../../printable.js';
import { clusterIpsOf } from '../../snapshot/types.js';
import { count } from './counts.js';
import { differencesText } from './diff.js';
import { type Explanation, explanationContent } from './explain-json.js';
import { portLines } from './explain-port.js';
import { withoutRulesLines } from './explain-without-rules.js';
import { cutTable } from './table.js';
import type { View } from './view.js';

/** The explanation in both of its forms. */
export function explanationView(explanation: Explanation, verbose: boolean): View {
  return {
    text: (colour) => explanationText(explanation, verbose, colour),
    kind: 'Explanation',
    content: () => explanationContent(explanation),
  };
}

/**
 * The Service, what is wrong with it, and each of its ports: addresses, clients, endpoints and
 * those that are left out, policies and chains. With `verbose` also the checks that found nothing,
 * and every endpoint.
 */
function explanationText(explanation: Explanation, verbose: boolean, colour: boolean): string {
  const { explained, checks, differences } = explanation;
  const lines = [
    ...(explained === undefined ? [] : headLines(explained)),
    ...checkLines(checks, verbose),
    ...policyLines(explained),
    ...(explained === undefined
      ? []
      : explained.families.flatMap((family) =>
          family.ports.flatMap((port) => portLines(explanation, family, port, verbose)),
        )),
    ...(explained === undefined ? [] : withoutRulesLines(explained, explanation.pods, verbose)),
    ...(explained === undefined ? [] : leftOutLines(explained.leftOut, verbose)),
  ];
  const text = `${lines.map(printable).join('\n')}\n`;
  return differences?.different ? `${text}\n${differencesText(differences, colour)}` : text;
}

function headLines({ name, service }: ExplainedService): readonly string[] {
  const { type = 'ClusterIP', selector = {} } = service.spec;
  const ips = clusterIpsOf(service).map(inetNtop);
  return [
    `Service ${name}: ${type}${ips.length === 0 ? '' : ` ${ips.join(', ')}`}, ${
      Object.keys(selector).length === 0 ? 'no selector' : `selector ${labelText(selector)}`
    }`,
  ];
}

function checkLines(checks: readonly Check[], verbose: boolean): readonly string[] {
  const isShown = ({ state }: Check): boolean =>
    verbose || state === 'problem' || state === 'warning';
  const shown = checks.filter(isShown);
  const fine = checks.filter(({ state }) => state === 'ok').length;
  const open = checks.filter(({ state }) => state === 'unknown').length;
  const rest = [
    ...(fine === 0 ? [] : [`${count(fine, 'check')} ok`]),
    ...(open === 0 ? [] : [`${open} that the input does not answer`]),
  ].join(', ');
  return [
    ...shown.flatMap(({ check, state, message, next }) => [
      `  ${state.padEnd(8)} ${QUESTIONS[check]} ${message}`,
      ...(next === '' ? [] : [`           next: ${next}`]),
    ]),
    ...(verbose || rest === '' ? [] : [`  ${rest} (-v shows them)`]),
  ];
}

/** What is the same for every port and family. */
function policyLines(explained: ExplainedService | undefined): readonly string[] {
  const first = explained?.families[0]?.ports[0];
  if (explained === undefined || first === undefined) return [];
  return ['', ...policyText(first.port, explained.service)];
}

function leftOutLines(leftOut: readonly LeftOut[], verbose: boolean): readonly string[] {
  if (leftOut.length === 0) return [];
  const rows = leftOut.map(({ slice, text, reason }) => [slice, text, LEFT_OUT_WORDS[reason]]);
  return ['', 'not used of its slices:', ...cutTable(rows, '  ', verbose)];
}
