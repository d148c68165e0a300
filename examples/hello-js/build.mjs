// hello.js and the JavaScript engine StarlingMonkey as one component: hello-js.wasm.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const jco = join(here, 'node_modules', '@bytecodealliance', 'jco');

// The WIT of the actor, of wasi:config and wasi:logging (as examples/hello has them), and of WASI 0.2.12 from jco.
const wit = mkdtempSync(join(tmpdir(), 'hello-js-'));
try {
  cpSync(join(here, 'wit'), wit, { recursive: true });
  mkdirSync(join(wit, 'deps'), { recursive: true });
  cpSync(join(jco, 'lib', 'wit', 'builtin', '0.2.12'), join(wit, 'deps'), { recursive: true });
  const source = join(here, 'hello.js');
  const out = process.argv[2] ?? join(here, 'hello-js.wasm');
  const args = ['componentize', source, '--wit', wit, '--world-name', 'hello', '--out', out];
  execFileSync(process.execPath, [join(jco, 'dist', 'jco.js'), ...args], { stdio: 'inherit' });
} finally {
  rmSync(wit, { recursive: true });
}
