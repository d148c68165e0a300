import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';

type Fixture = 'hello' | 'greeter' | 'front' | 'mirror' | 'proxy' | 'faulty' | 'shelved' | 'blobs';

/** The path of a component that is checked in with its source. */
export const componentPath = (name: Fixture): string =>
  fileURLToPath(
    name === 'hello'
      ? new URL('../../../../examples/hello/hello.wasm', import.meta.url)
      : new URL(`../../../../test/fixtures/components/${name}.wasm`, import.meta.url),
  );

export const componentBytes = (name: Fixture): Promise<Uint8Array> => readFile(componentPath(name));

/** A component of that world whose functions all trap. */
export const dummyComponent = async (witSource: string, world = 'w'): Promise<Uint8Array> =>
  componentNew(await componentEmbed({ dummy: true, witSource, world }));
