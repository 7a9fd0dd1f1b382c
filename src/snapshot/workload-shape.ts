/** The shape of the objects of `apps/v1` that make Pods. */

import { leaf, type ObjectShape, object, record } from '../input/shape.js';
import { kind, podSpec } from './shapes.js';

const text = leaf({ type: 'string' });
/** What is read of a Deployment, a StatefulSet or a DaemonSet. */
export const POD_MAKER: ObjectShape = kind(
  text,
  {
    spec: object(
      {
        replicas: leaf({ type: 'integer', minimum: 0 }),
        template: object({
          metadata: object({ labels: record(text) }),
          spec: podSpec,
        }),
      },
      { required: ['template'] },
    ),
  },
  { required: ['spec'] },
);
