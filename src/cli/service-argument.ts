/** A Service as people name it in an argument. */

import { UsageError } from '../errors.js';
import type { NamespacedName, ServicePort } from '../model/types.js';

/** A Service, and perhaps one of its ports. */
export interface ServiceArgument {
  readonly name: NamespacedName;
  /** The name or the number of a port; `undefined`: all. */
  readonly port: string | undefined;
}

const LABEL = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const OBJECT = new RegExp(
  `^(?:(?:svc|services?)/)?(?:(?<space>${LABEL})/)?(?<name>${LABEL})(?::(?<port>[a-z0-9-]{1,63}))?$`,
);
const DNS = new RegExp(
  `^(?<name>${LABEL})\\.(?<space>${LABEL})(?:\\.svc(?:\\.[a-z0-9.-]{1,200})?)?\\.?(?::(?<port>[a-z0-9-]{1,63}))?$`,
);

/**
 * `[svc/][NAMESPACE/]NAME[:PORT]`, or a name as DNS has it, `NAME.NAMESPACE[.svc[.DOMAIN]][:PORT]`.
 * Throws UsageError.
 */
export function serviceArgument(text: string, namespace: string | undefined): ServiceArgument {
  const found = (OBJECT.exec(text) ?? DNS.exec(text))?.groups;
  if (found === undefined)
    throw new UsageError(`${JSON.stringify(text)} is not the name of a Service`, {
      hint: 'write [svc/]NAME[:PORT] with -n NAMESPACE, NAMESPACE/NAME or NAME.NAMESPACE; files are given with -f',
    });
  const { space, name = '', port } = found;
  if (space !== undefined && namespace !== undefined && space !== namespace)
    throw new UsageError(
      `${JSON.stringify(text)} is in namespace ${space}, and -n says ${namespace}`,
    );
  return { name: `${space ?? namespace ?? 'default'}/${name}`, port };
}

/** Services as arguments, where all ports of each are meant. Throws UsageError. */
export function serviceNames(
  texts: readonly string[],
  namespace: string | undefined,
): readonly NamespacedName[] {
  return texts.map((text) => {
    const { name, port } = serviceArgument(text, namespace);
    if (port === undefined) return name;
    throw new UsageError(`${JSON.stringify(text)} names a port, and a whole Service is meant`, {
      hint: `write ${name}`,
    });
  });
}

/** Whether a Service port has this name or number. */
export function isPort(port: ServicePort, text: string | undefined): boolean {
  return text === undefined || port.portName === text || String(port.port) === text;
}
