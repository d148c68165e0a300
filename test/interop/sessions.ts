import { join } from 'node:path';
import type { Transcript } from './transcript.ts';

const components = join(import.meta.dirname, '..', 'fixtures', 'components');

/** Folder of the components that the sessions start, as hosts and manifests name it. */
export const imageFolder = `file://${components}`;

export const image = (name: string): string => `${imageFolder}/${name}.wasm`;

/** Everything of the control interface that wash has a word for, on one host. */
export async function controlSession(transcript: Transcript, host: string): Promise<void> {
  const on = ['--host-id', host];
  const ask = async (...args: string[]): Promise<string> => transcript.ask({ args });
  const until = async (what: RegExp, ...args: string[]): Promise<string> => transcript.ask({ args, until: what });

  await ask('get', 'hosts');
  await until(/hostcore/, 'get', 'inventory', host);

  await ask('config', 'put', 'manners', 'tone=kind');
  await until(/kind/, 'config', 'get', 'manners');
  await ask('config', 'del', 'manners');
  await until(/No configuration found/, 'config', 'get', 'manners');

  await ask('start', 'component', image('greeter'), 'greeter', ...on, '--max-instances', '4');
  await until(/greeter/, 'get', 'inventory', host);
  await ask('scale', 'component', host, image('greeter'), 'greeter', '--max-instances', '2');
  await until(/greeter\s+\S+\s+2/, 'get', 'inventory', host);
  await ask('start', 'component', image('front'), 'front', ...on);

  await ask('link', 'put', 'front', 'greeter', 'example', 'greet', '--interface', 'greeter');
  await until(/front/, 'get', 'links');
  await until(/Hello/, 'call', 'front', 'wasi:http/incoming-handler.handle');
  await ask('link', 'del', 'front', 'example', 'greet');
  await until(/^(?![^]*front)/, 'get', 'links');

  await ask('update', 'component', 'front', image('mirror'), ...on);
  await until(/front/, 'get', 'inventory', host);

  await ask('label', host, 'tier=gold');
  await until(/gold/, 'get', 'inventory', host);
  await ask('label', host, 'tier', '--delete');
  await until(/^(?![^]*gold)/, 'get', 'inventory', host);

  await ask('stop', 'component', 'front', ...on);
  await ask('stop', 'component', 'greeter', ...on);
  await until(/No components found/, 'get', 'inventory', host);

  await ask('start', 'component', image('nowhere'), 'nowhere', ...on);
  await ask('stop', 'component', 'nowhere', ...on);
  await ask('update', 'component', 'nowhere', image('front'), ...on);
}

/** The life of an application, by its manifest's path. */
export async function applicationSession(transcript: Transcript, manifest: string): Promise<void> {
  const app = async (...args: string[]): Promise<string> => transcript.ask({ args: ['app', ...args] });
  const until = async (what: RegExp, ...args: string[]): Promise<string> =>
    transcript.ask({ args: ['app', ...args], until: what });

  await app('put', manifest);
  await app('list');
  await app('status', 'greetings');
  await app('deploy', 'greetings');
  // What the list says meanwhile is of the moment.
  await until(/ - Deployed/, 'status', 'greetings');
  await app('get', 'greetings');
  await app('history', 'greetings');
  await transcript.ask({ args: ['get', 'links'] });
  await app('deploy', 'nobody');
  await app('undeploy', 'greetings');
  await until(/Undeployed/, 'status', 'greetings');
  await app('history', 'greetings');
  await app('delete', 'greetings');
  await app('list');
  await app('delete', 'greetings');
}
