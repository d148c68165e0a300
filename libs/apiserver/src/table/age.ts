/**
 * An age as kubectl prints it: two or three significant figures, `45s`, `3m20s`, `5h12m`, `7d`, `2y30d`.
 * The future is `<invalid>`, save for two seconds of clock difference.
 */
export function humanAge(elapsedMs: number): string {
  const seconds = Math.trunc(elapsedMs / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (days < 8) return pair(days, 'd', hours % 24, 'h');
  if (days < 365 * 2) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? pair(years, 'y', days % 365, 'd') : `${years}y`;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/u;

/** The age of an RFC 3339 time; `<unknown>` when there is none, `<invalid>` when it is no time. */
export function ageOf(time: unknown, now: Date): string {
  if (time === undefined || time === null || time === '') return '<unknown>';
  if (typeof time !== 'string' || !rfc3339.test(time)) return '<invalid>';
  const at = Date.parse(time);
  return Number.isNaN(at) ? '<invalid>' : humanAge(now.getTime() - at);
}
