/**
 * The agent's log on standard error, one line per event: JSON, or the lines that klog writes and
 * people grep for. Written synchronously: what was said before a crash is there after it.
 */

import { jsonValues, type LogFields, textLine, type Writable } from './log-text.js';

/** Writes lines. Nothing that a log does ends the agent: what cannot be written is lost. */
export interface Log {
  /** Level of detail that was asked for, kube-proxy's `-v`. */
  readonly verbosity: number;
  readonly info: (part: string, message: string, fields?: LogFields) => void;
  readonly warning: (part: string, message: string, fields?: LogFields) => void;
  readonly error: (part: string, message: string, fields?: LogFields) => void;
}

/** `logging.format` of a KubeProxyConfiguration, with the value of `-v`. */
export interface LogOptions {
  readonly format: 'json' | 'text';
  readonly verbosity: number;
  /** Where the lines go; standard error where absent. */
  readonly sink?: Writable;
}

/**
 * A log. pino is loaded here and nowhere else, so that no other command pays for it; never with its
 * transports, which are threads that lose the last lines.
 */
export async function openLog({ format, verbosity, sink }: LogOptions): Promise<Log> {
  const { pino } = await import('pino');
  const stderr = (): Writable => {
    const destination = pino.destination({ dest: 2, sync: true });
    // The disk is full, or the reader has closed the pipe.
    destination.on('error', () => {});
    return destination;
  };
  const out = sink ?? stderr();
  if (format === 'text') {
    const write =
      (letter: 'I' | 'W' | 'E'): Log['info'] =>
      (part, message, fields = {}) => {
        out.write(textLine({ letter, part, message, fields, at: new Date(), pid: process.pid }));
      };
    return { verbosity, info: write('I'), warning: write('W'), error: write('E') };
  }
  const logger = pino(
    {
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    out,
  );
  return {
    verbosity,
    info: (part, message, fields = {}) => logger.info({ part, ...jsonValues(fields) }, message),
    warning: (part, message, fields = {}) => logger.warn({ part, ...jsonValues(fields) }, message),
    error: (part, message, fields = {}) => logger.error({ part, ...jsonValues(fields) }, message),
  };
}
