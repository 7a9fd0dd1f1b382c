/**
 * A story of a Service's endpoints, step by step: it is scaled up and down, and replaced pod by pod
 * and all at once.
 */

export type Endpoints = ReadonlyMap<string, 'ready' | 'terminating'>;

export interface Step {
  /** Servers that have to be there before the step. */
  readonly serve: readonly string[];
  /** What the slice says from this step on. */
  readonly endpoints: Endpoints;
  /** Servers that end after the step: their terminating period is over. */
  readonly end: readonly string[];
}

/**
 * Steps for which a pod that is to go still serves after the rules have sent somebody to it for the
 * last time.
 */
const PERIOD = 5;

type Move = (endpoints: Map<string, 'ready' | 'terminating'>, fresh: () => string) => void;

/** Ready endpoints, the oldest first. */
function ready(endpoints: Endpoints): readonly string[] {
  return [...endpoints].flatMap(([address, state]) => (state === 'ready' ? address : []));
}

const up: Move = (endpoints, fresh) => {
  endpoints.set(fresh(), 'ready');
  endpoints.set(fresh(), 'ready');
};

const down: Move = (endpoints) => {
  for (const address of ready(endpoints).slice(0, 2)) endpoints.set(address, 'terminating');
};

const replace: Move = (endpoints, fresh) => {
  for (const address of ready(endpoints).slice(0, 1)) endpoints.set(address, 'terminating');
  endpoints.set(fresh(), 'ready');
};

/** Nobody is ready: those on their way out are asked until somebody is. */
const recreate: Move = (endpoints) => {
  for (const address of ready(endpoints)) endpoints.set(address, 'terminating');
};

/**
 * Four endpoints grow to eight, shrink to two, are replaced one by one, and at last all at once.
 */
const STORY: readonly Move[] = [
  ...[up, up, replace, replace, down, replace, down, down, replace, replace],
  ...[replace, recreate, up, up, down, recreate, up, replace, up, down],
];

/** The rules send traffic to these. */
export function inRules(endpoints: Endpoints): readonly string[] {
  const some = ready(endpoints);
  return some.length > 0 ? some : [...endpoints.keys()];
}

/**
 * So many steps, from endpoints that are ready and served already. A pod that has gone never comes
 * back.
 */
export function endpointSteps(first: readonly string[], count: number): readonly Step[] {
  const endpoints = new Map<string, 'ready' | 'terminating'>(first.map((ip) => [ip, 'ready']));
  const leaving = new Map<string, number>();
  let made = 0;
  return Array.from({ length: count }, (_, i) => {
    const serve: string[] = [];
    const fresh = (): string => {
      const address = `10.61.${1 + Math.floor(made / 200)}.${10 + (made % 200)}`;
      made++;
      serve.push(address);
      return address;
    };
    STORY[i % STORY.length]?.(endpoints, fresh);
    for (const [address, state] of endpoints)
      if (
        state === 'terminating' &&
        (!leaving.has(address) || inRules(endpoints).includes(address))
      )
        leaving.set(address, i);
    const end = [...leaving].flatMap(([address, since]) => (i - since >= PERIOD ? address : []));
    for (const address of end) {
      leaving.delete(address);
      endpoints.delete(address);
    }
    return { serve, endpoints: new Map(endpoints), end };
  });
}
