import { spawn, type ChildProcess } from 'node:child_process';

/**
 * What the warden does: remember the last list of process groups it was told, and when its input ends (which the
 * kernel sees to, however the teller died) end them: SIGTERM, and SIGKILL after five seconds.
 */
const SCRIPT = `
while read -r list; do groups=$list; done
for g in $groups; do kill -TERM "-$g" 2>/dev/null; done
n=0
while [ $n -lt 50 ]; do
  alive=
  for g in $groups; do kill -0 "-$g" 2>/dev/null && alive=yes; done
  [ -z "$alive" ] && exit 0
  sleep 0.1
  n=$((n + 1))
done
for g in $groups; do kill -KILL "-$g" 2>/dev/null; done
`;

/** A small shell that outlives this process just long enough to end what it started, even when this one gets SIGKILL. */
export class Warden {
  #shell: ChildProcess | undefined;
  #groups: readonly number[] = [];
  #closed = false;

  constructor() {
    this.#start();
  }

  /** Tells which process groups run now; replaces the list before. */
  guard(groups: readonly number[]): void {
    this.#groups = groups;
    this.#shell?.stdin?.write(`${groups.join(' ')}\n`);
  }

  get pid(): number | undefined {
    return this.#shell?.pid;
  }

  /** Lets the warden go: whatever it was told to guard is ended, if it still runs. */
  close(): void {
    this.#closed = true;
    this.#shell?.stdin?.end();
  }

  #start(): void {
    const shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    this.#shell = shell;
    // The pipe breaks when somebody kills the shell; its exit is what counts.
    shell.stdin.on('error', () => {});
    shell.once('error', () => {});
    shell.once('exit', () => {
      if (this.#closed) return;
      this.#start();
      this.guard(this.#groups);
    });
    shell.unref();
  }
}
