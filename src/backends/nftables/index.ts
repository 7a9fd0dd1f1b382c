/** Mode nftables: its only door for the rest of vipc. */

import type { Backend } from '../backend.js';
import { NftablesChecker } from './check/check.js';
import { planFromRuleset } from './diff.js';
import * as documents from './documents.js';
import { driver } from './kernel/driver.js';
import { kernelRulesOf } from './kernel-rules.js';
import { customLayout, LAYOUTS } from './layouts/index.js';
import { planFault } from './plan-check.js';
import { print } from './print.js';
import { nftInput } from './script.js';
import { settings } from './settings.js';
import { parseDump } from './syntax/parse.js';
import { unsupported } from './versions.js';

export const nftables: Backend = {
  name: 'nftables',
  read: (text, options) => kernelRulesOf(parseDump(text, options)),
  planFault,
  planUpdate: planFromRuleset,
  // Nothing in a transaction of nft relies on the text of a rule.
  withoutEdits: (plan) => plan,
  input: nftInput,
  settings,
  layouts: LAYOUTS,
  customLayout,
  print,
  unsupported: ({ nft, kernel }) => unsupported(nft, kernel),
  kernel: driver,
  checker: () => new NftablesChecker(),
  ...documents,
};
