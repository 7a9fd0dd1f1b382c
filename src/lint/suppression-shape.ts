/** The shape of the file in which the owner of a cluster names findings to live with. */

import { array, choice, closed, leaf, type Shape } from '../input/shape.js';

const TEXT = leaf({ type: 'string' });
/** Shape of a document of kind Suppressions. */
export const SUPPRESSIONS: Shape = closed(
  {},
  {
    apiVersion: choice('vipc/v1'),
    kind: choice('Suppressions'),
    externalIPs: array(TEXT),
    suppressions: array(closed({ code: TEXT, reason: TEXT }, { object: TEXT, expires: TEXT })),
  },
);
