import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startNats } from '@kasmcloud/testing';
import { expect, test } from 'vitest';
import { eventually, get, repositoryRoot, temporaryFolder } from './kasm.ts';
import { kubectl, kubectlPath } from './kubectl.ts';

const HOST = 'my-host';
const TEST_MS = 240_000;
const BUILD_MS = 120_000;

const kasm = join(repositoryRoot, 'apps', 'cli', 'bin', 'kasm.mjs');
const host = join(repositoryRoot, 'apps', 'host', 'dist', 'main.js');

/** A child process that ends with the test. */
function program(main: string, args: readonly string[], env: Record<string, string>): AsyncDisposable {
  const child: ChildProcess = spawn(process.execPath, ['--enable-source-maps', main, ...args], {
    stdio: 'ignore',
    env: { ...process.env, ...env },
  });
  return {
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function byHand(): Promise<string> {
  const text = await readFile(join(repositoryRoot, 'examples', 'hello', 'by-hand.yaml'), 'utf8');
  const examples = `${pathToFileURL(join(repositoryRoot, 'examples')).href}/`;
  return text.replaceAll('file:///examples/', examples).replaceAll('my-host', HOST);
}

test.skipIf(kubectlPath === undefined)(
  'one API server, NATS and one host: what kubectl applies answers HTTP',
  { timeout: TEST_MS },
  async () => {
    await using folder = await temporaryFolder();
    const kubeconfig = join(folder.path, 'kubeconfig');
    const nats = await startNats();
    await using _nats = { [Symbol.asyncDispose]: async () => nats.close() };

    await using _server = program(kasm, ['apiserver', '--crds', '--kubeconfig', kubeconfig], {});
    // The first one builds what is stale, the host too.
    await eventually(BUILD_MS, async () => (await stat(kubeconfig)).isFile());
    await using _host = program(host, [], {
      KASMCLOUD_KUBECONFIG: kubeconfig,
      KASMCLOUD_NATS_URL: nats.url,
      KASMCLOUD_HOST_NAME: HOST,
      KASMCLOUD_LISTEN_MAP: 'true',
      KASMCLOUD_ALLOW_FILE: 'true',
      KASMCLOUD_DATA_DIR: join(folder.path, 'host'),
      KASMCLOUD_PORT: '0',
    });
    await eventually(30_000, async () =>
      (await kubectl(kubeconfig, ['wait', 'wch', HOST, '--for=condition=Ready', '--timeout=20s'])).includes('met'),
    );

    expect(await kubectl(kubeconfig, ['apply', '-f', '-'], await byHand())).toContain('http-hello created');
    await kubectl(kubeconfig, [
      '-n',
      'hello',
      'wait',
      'wca/http-hello',
      'wcp/httpserver',
      '--for=condition=Ready',
      '--timeout=30s',
    ]);
    const endpoint = 'jsonpath={.status.endpoints[0].address}:{.status.endpoints[0].port}';
    const address = await kubectl(kubeconfig, ['-n', 'hello', 'get', 'wcp', 'httpserver', '-o', endpoint]);
    expect(await get(`http://${address}/`)).toContain(`from ${HOST}`);

    await kubectl(kubeconfig, ['-n', 'hello', 'delete', 'wcl', 'httpserver-http-hello']);
    await eventually(20_000, async () =>
      get(`http://${address}/`).then(
        () => false,
        () => true,
      ),
    );
  },
);
