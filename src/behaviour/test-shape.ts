/** The shape of a test in YAML: `kind: Test` of `vipc/v1`. */

import { array, choice, closed, leaf, object, type Shape } from '../input/shape.js';
import type { BackendName } from '../ruleset/types.js';
import type { Question } from './question.js';

/** A document of kind Test whose fields have their types. */
export interface RawTest {
  readonly name?: string;
  readonly snapshot?: string | readonly unknown[];
  readonly objects?: readonly object[];
  readonly node?: string;
  readonly zone?: string;
  readonly host?: string | object;
  readonly config?: string | object;
  readonly clusterCIDR?: string;
  readonly serviceCIDR?: string;
  readonly modes?: readonly BackendName[];
  readonly rules?: string | readonly unknown[];
  readonly packets: readonly RawPacket[];
}

/** A packet, and what is expected of it: `false` for what may not become of it. */
export interface RawPacket extends Question {
  readonly name?: string;
  readonly reach?: boolean | string | readonly unknown[] | object;
  readonly refused?: boolean | string;
  readonly dropped?: boolean;
  readonly untouched?: boolean;
  readonly masquerade?: boolean | readonly unknown[];
}

const TEXT = leaf({ type: 'string' });
const BOOL = leaf({ type: 'boolean' });
const FILES = leaf({ type: ['string', 'array'] });
const FILE_OR_VALUE = leaf({ type: ['string', 'object'] });

const PACKET = closed(
  { from: TEXT, to: TEXT },
  {
    name: TEXT,
    inInterface: TEXT,
    hook: choice('prerouting', 'output'),
    affinity: TEXT,
    reach: leaf({ type: ['boolean', 'string', 'array', 'object'] }),
    refused: leaf({ type: ['boolean', 'string'] }),
    dropped: BOOL,
    untouched: BOOL,
    masquerade: leaf({ type: ['boolean', 'array'] }),
  },
);

/** Shape of a document of kind Test; what shapes cannot say is checked afterwards. */
export const TEST: Shape = closed(
  { apiVersion: choice('vipc/v1'), kind: choice('Test'), packets: array(PACKET, 1) },
  {
    name: TEXT,
    snapshot: FILES,
    objects: array(object({}), 1),
    node: TEXT,
    zone: TEXT,
    host: FILE_OR_VALUE,
    config: FILE_OR_VALUE,
    clusterCIDR: TEXT,
    serviceCIDR: TEXT,
    modes: array(choice('iptables', 'nftables'), 1),
    rules: FILES,
  },
);
