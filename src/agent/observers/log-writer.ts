/**
 * The agent's log on standard error, one line per event: JSON, or the lines that klog writes and
 * people grep for, `I1120 13:00:00.000000 12345 sync:1] "SyncProxyRules complete" ipFamily="IPv4"`.
 * Written synchronously: what was said before a crash is there after it.
 */

import { systemClock } from '../../host/clock.js';
import { printable } from '../../printable.js';

/** Key-value pairs of a line. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where lines go. */
export interface Writable {
  readonly write: (line: string) => unknown;
}

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
 * A log. pino is loaded here and nowhere else, so that other commands do not load it; without its
 * transports, which are threads and lose the last lines.
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
        out.write(
          textLine({
            letter,
            part,
            message,
            fields,
            at: new Date(systemClock.wall()),
            pid: process.pid,
          }),
        );
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

/** One event. */
interface LogEvent {
  readonly letter: 'I' | 'W' | 'E';
  /**
   * In the place of klog's source file. The line number is always 1, as klog writes it where it is
   * unknown.
   */
  readonly part: string;
  readonly message: string;
  readonly fields: LogFields;
  readonly at: Date;
  readonly pid: number;
}

/** Longest text of a field, in characters: names and reasons are untrusted. */
const MOST_TEXT = 2000;

/**
 * The line with its end. Times are local, as klog's, with microseconds that are always zero. A
 * field `seconds` is shown as `elapsed="12.345ms"`, under the name and in the form that kube-proxy
 * uses. Nothing in a line can end it or move a terminal's cursor.
 */
export function textLine({ letter, part, message, fields, at, pid }: LogEvent): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const micros = `${String(at.getMilliseconds()).padStart(3, '0')}000`;
  const words = Object.entries(fields).flatMap(([key, value]) => {
    if (value === undefined || value === '') return [];
    return key === 'seconds' && typeof value === 'number'
      ? [`elapsed=${quoted(durationText(value))}`]
      : [`${key}=${word(value)}`];
  });
  const head = `${letter}${date} ${time}.${micros} ${String(pid).padStart(7)} ${part}:1]`;
  return `${[head, quoted(message), ...words].join(' ')}\n`;
}

/**
 * The same fields for JSON: what is not there is left out, and texts are as bounded as those in
 * lines.
 */
function jsonValues(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => {
      if (value === undefined || value === '') return [];
      return [[key, typeof value === 'string' ? bounded(value) : value]];
    }),
  );
}

/** A time as Go prints it, in the largest unit that leaves a whole part: `47.698ms`, `1.5s`. */
export function durationText(seconds: number): string {
  const [value, unit] =
    seconds >= 1
      ? [seconds, 's']
      : seconds >= 0.001
        ? [seconds * 1e3, 'ms']
        : [seconds * 1e6, 'µs'];
  return `${Number(value.toFixed(3))}${unit}`;
}

function word(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? quoted(value) : printable(bounded(JSON.stringify(value)));
}

function quoted(text: string): string {
  return printable(JSON.stringify(bounded(text)));
}

function bounded(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}...` : text;
}
