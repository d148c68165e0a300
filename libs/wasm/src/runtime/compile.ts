import { ComponentError } from '../error.ts';
import type { PreparedComponent } from '../prepare/prepare.ts';
import type { CompiledCode } from './protocol.ts';

/** Compiles the core modules, off this thread. @throws ComponentError when one of them is not valid */
export const compileCode = async (code: PreparedComponent['code']): Promise<CompiledCode> => {
  if (code.kind === 'linked') {
    const { kind, definitions } = code;
    return { kind, definitions, modules: await Promise.all(code.modules.map(compile)) };
  }
  const modules = [...code.modules].map(async ([name, module]): Promise<[string, WebAssembly.Module]> => [
    name,
    await compile(module),
  ]);
  return { kind: code.kind, bindings: code.bindings, modules: new Map(await Promise.all(modules)) };
};

const compile = async (module: Uint8Array): Promise<WebAssembly.Module> => {
  try {
    return await WebAssembly.compile(module);
  } catch (cause) {
    throw new ComponentError(cause instanceof Error ? cause.message : String(cause), undefined, { cause });
  }
};
