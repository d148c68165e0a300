import type { LogLine } from '@kasmcloud/wire';

/** One line, and which host it is of. */
export interface HostLine extends LogLine {
  readonly host: string;
  readonly cluster: string | undefined;
}

export interface LineFormat {
  readonly timestamps: boolean;
  readonly prefix: boolean;
  readonly json: boolean;
}

/** A line for a reader, or as JSON. Control characters of actors do not reach the terminal. */
export function formatLine(line: HostLine, { timestamps, prefix, json }: LineFormat): string {
  const time = new Date(line.at).toISOString();
  if (json) return JSON.stringify({ ...line, at: time });
  const origin = line.cluster === undefined ? line.host : `${line.cluster}/${line.host}`;
  const words = [origin, line.request, line.trace_id].filter((word) => word !== undefined);
  const parts = [
    ...(prefix ? [`[${words.join(' ')}]`] : []),
    ...(timestamps ? [time] : []),
    line.level.toUpperCase(),
    ...(line.context === '' ? [] : [`${line.context}:`]),
    line.message,
  ];
  return parts.join(' ').replaceAll(/[\p{Cc}--[\t]]/gv, ' ');
}

/** Lines of several hosts in the order of their time, at most the last `tail`. */
export function merge(lines: readonly HostLine[], tail: number | undefined): HostLine[] {
  const sorted = lines.toSorted((a, b) => a.at - b.at);
  return tail === undefined ? sorted : sorted.slice(Math.max(0, sorted.length - tail));
}
