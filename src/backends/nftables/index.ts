/** Mode nftables: its only door for the rest of vipc. */

import type { Backend } from '../backend.js';
import { builtinLayout, type Layout } from '../layout.js';
import { NftablesChecker } from './check/check.js';
import { compile } from './compile.js';
import { planFromRuleset } from './diff.js';
import * as documents from './documents.js';
import { driver } from './kernel/driver.js';
import { kernelRulesOf } from './kernel-rules.js';
import { planFault } from './plan-check.js';
import { print } from './print.js';
import { nftInput } from './script.js';
import { settings } from './settings.js';
import { parseDump } from './syntax/parse.js';
import { unsupported } from './versions.js';

let layout: Layout | undefined;

export const nftables: Backend = {
  name: 'nftables',
  read: (text, options) => kernelRulesOf(parseDump(text, options)),
  planFault,
  planUpdate: planFromRuleset,
  // Nothing in a transaction of nft relies on the text of a rule.
  withoutEdits: (plan) => plan,
  input: nftInput,
  settings,
  // Read from disk once.
  layout: () => (layout ??= builtinLayout('nftables/kube-proxy')),
  compile,
  print,
  unsupported: ({ nft, kernel }) => unsupported(nft, kernel),
  kernel: driver,
  checker: () => new NftablesChecker(),
  ...documents,
};
