import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gitEnvironment } from './environment.ts';
import { GitAuthError, GitUnreachableError, GitUrlRefusedError } from './errors.ts';
import { parseGitUrl } from './git-url.ts';
import { HttpsOrigin } from './https-origin.fixture.ts';
import { GitMirror } from './mirror.ts';
import { Origin } from './origin.fixture.ts';

let origin: Origin;
const servers: HttpsOrigin[] = [];
beforeEach(() => {
  origin = new Origin();
  origin.commit({ 'a.yaml': 'a: 1' });
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  origin.remove();
});

const serving = async (
  ...args: ConstructorParameters<typeof HttpsOrigin>
): Promise<{ server: HttpsOrigin; url: string }> => {
  const server = new HttpsOrigin(...args);
  servers.push(server);
  return { server, url: await server.listen() };
};

const mirrorOf = (url: string): GitMirror => new GitMirror({ url, cacheDirectory: origin.cacheDirectory });

const ref = { branch: 'main' };

const unauthorized = (response: ServerResponse): false => {
  response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
  return false;
};

test.for([
  { kind: 'basic', username: 'ada', password: 'hunter2hunter2' } as const,
  { kind: 'bearer', token: 'hunter2hunter2' } as const,
])('$kind credentials open a private repository over https, and leave no trace', async (auth) => {
  const basic = `Basic ${Buffer.from('ada:hunter2hunter2').toString('base64')}`;
  const want = auth.kind === 'basic' ? basic : 'Bearer hunter2hunter2';
  const { server, url } = await serving(
    origin.root,
    (request, response) => request.headers.authorization === want || unauthorized(response),
  );
  const mirror = mirrorOf(`${url}/origin`);
  const caCertificates = server.certificate;
  const fetched = await mirror.fetch({ ref, auth, caCertificates });
  expect(await mirror.resolve({ ref, auth, caCertificates })).toBe(fetched.commit);
  expect((await mirror.readTree(fetched.commit)).map(({ path }) => path)).toEqual(['a.yaml']);
  expect(new Set(server.credentials)).toEqual(new Set([want]));
  expect(readdirSync(mirror.directory).filter((name) => name.startsWith('credentials'))).toEqual([]);
  const grep = spawnSync('grep', ['-r', '-l', 'hunter2', mirror.directory]);
  expect(grep.stdout.toString()).toBe('');
});

test('wrong or missing credentials are told apart from an unreachable server', async () => {
  const { server, url } = await serving(origin.root, (_request, response) => unauthorized(response));
  const mirror = mirrorOf(`${url}/origin`);
  const caCertificates = server.certificate;
  const wrong = mirror.fetch({
    ref,
    caCertificates,
    auth: { kind: 'basic', username: 'ada', password: 'hunter2hunter2' },
  });
  await expect(wrong).rejects.toThrow(GitAuthError);
  await expect(wrong).rejects.not.toThrow('hunter2');
  await expect(mirror.fetch({ ref, caCertificates })).rejects.toThrow(GitAuthError);
  await expect(mirror.fetch({ ref })).rejects.toThrow('the certificate of the server is not trusted');
  await expect(
    mirrorOf(`${url}/origin`).fetch({ ref, auth: { kind: 'ssh', identity: 'x', knownHosts: 'y' } }),
  ).rejects.toThrow('no use for an https URL');
});

test('a repository that the server does not have', async () => {
  const { server, url } = await serving(origin.root);
  const missing = mirrorOf(`${url}/nothing`).fetch({ ref, caCertificates: server.certificate });
  await expect(missing).rejects.toThrow(GitUnreachableError);
  await expect(missing).rejects.toThrow(
    `${url}/nothing, branch main: no such repository, or the credentials may not see it`,
  );
});

test('a redirect is not followed, and the credentials do not travel', async () => {
  const { server: thief, url: elsewhere } = await serving(origin.root);
  const { server, url } = await serving(origin.root, (request, response) => {
    response.writeHead(301, { location: `${elsewhere}${request.url}` }).end();
    return false;
  });
  const moved = mirrorOf(`${url}/origin`).fetch({
    ref,
    caCertificates: `${server.certificate}${thief.certificate}`,
    auth: { kind: 'bearer', token: 'hunter2hunter2' },
  });
  await expect(moved).rejects.toThrow(GitUrlRefusedError);
  await expect(moved).rejects.toThrow('redirects elsewhere');
  expect(thief.credentials).toEqual([]);
});

test('a server that never answers costs the deadline, no more', async () => {
  const { server, url } = await serving(origin.root, () => false);
  const begin = performance.now();
  const stuck = mirrorOf(`${url}/origin`).fetch({ ref, caCertificates: server.certificate, timeoutMs: 700 });
  await expect(stuck).rejects.toThrow(GitUnreachableError);
  expect(performance.now() - begin).toBeLessThan(3_000);
});

test('ssh needs a key and known hosts', async () => {
  const mirror = mirrorOf('ssh://git@127.0.0.1:1/x.git');
  await expect(mirror.fetch({ ref })).rejects.toThrow('ssh needs a secret with identity and known_hosts');
  const refused = mirror.fetch({ ref, auth: { kind: 'ssh', identity: 'no key', knownHosts: '' } });
  await expect(refused).rejects.toThrow(GitUnreachableError);
  expect(readdirSync(mirror.directory).filter((name) => name.startsWith('credentials'))).toEqual([]);
});

test('git gets nothing of our environment but the way out', () => {
  process.env['GIT_DIR'] = '/elsewhere';
  process.env['KASMCLOUD_SECRET'] = 'hunter2';
  try {
    const env = gitEnvironment('/mirror', parseGitUrl('https://git.example/x.git'), { kind: 'bearer', token: 't' });
    expect(env['GIT_DIR']).toBe('/mirror');
    expect(JSON.stringify(env)).not.toContain('hunter2');
    expect(env).toMatchObject({
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ALLOW_PROTOCOL: 'https',
    });
    const settings = Object.entries(env)
      .filter(([name]) => name.startsWith('GIT_CONFIG_KEY_'))
      .map(([, key]) => key);
    expect(settings).toContain('http.https://git.example/.extraHeader');
    expect(env['GIT_SSH_COMMAND']).toContain("'StrictHostKeyChecking=yes'");
  } finally {
    delete process.env['GIT_DIR'];
    delete process.env['KASMCLOUD_SECRET'];
  }
});

test.for([
  'https://github.com/acme/shop.git',
  'https://git.example:8443/a/b',
  'https://[::1]:8443/a',
  'ssh://git@github.com/acme/shop.git',
  'ssh://git.example:2222/~ada/x.git',
])('%s is a URL', (url) => {
  expect(parseGitUrl(url).url).toBe(url);
});

test.for([
  ['http://git.example/x', 'protocol http is not allowed'],
  ['git://git.example/x', 'protocol git is not allowed'],
  ['file:///etc', 'protocol file is not allowed'],
  ['ext::sh -c touch% /tmp/x', 'visible ASCII'],
  ['ext::sh', 'write https://'],
  ['https://ada:hunter2@git.example/x', 'it carries credentials'],
  ['https://token@git.example/x', 'it carries credentials'],
  ['ssh://git:hunter2@git.example/x', 'it carries credentials'],
  ['git@github.com:acme/shop.git', 'write it as ssh://user@host/path'],
  ['--upload-pack=x', 'write https://'],
  ['-oProxyCommand=x', 'write https://'],
  ['ssh://-oProxyCommand=x/y', 'does not name a host'],
  ['ssh://-x.example/y', 'does not name a host'],
  ['ssh://-x@git.example/y', 'the user name is not allowed'],
  ['ssh://git.example/-x', 'does not name a repository'],
  ['https://git.example/x?y=1', 'may not contain'],
  ['https://git.example/x#y', 'may not contain'],
  ['https://git.example', 'does not name a repository'],
  ['https://git.example/a b', 'visible ASCII'],
  ['https://git.example/a\n', 'visible ASCII'],
  ['/etc', 'write https://'],
  ['', 'visible ASCII'],
] as const)('%j is refused', ([url, want]) => {
  expect(() => parseGitUrl(url)).toThrow(GitUrlRefusedError);
  expect(() => parseGitUrl(url)).toThrow(want);
  expect(() => parseGitUrl(url)).not.toThrow('hunter2');
});
