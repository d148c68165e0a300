import { arch, platform } from 'node:os';

/** `k=v,k=v` as labels, or what is wrong with it. */
export function parseLabels(text: string): Record<string, string> | string {
  const labels: Record<string, string> = {};
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const [key = '', value, ...rest] = pair.trim().split('=');
    if (key === '' || value === undefined || rest.length > 0) return `"${pair}" is not key=value`;
    labels[key] = value;
  }
  return labels;
}

// Hosts of wasmCloud 1.x use the names of Rust's standard library, and spreads in manifests rely on them.
const archNames: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', ia32: 'x86' };
const osNames: Readonly<Record<string, string>> = { darwin: 'macos', win32: 'windows' };

/** The labels that every wasmCloud host has. */
export const builtinLabels = (): Record<string, string> => ({
  'hostcore.arch': archNames[arch()] ?? arch(),
  'hostcore.os': osNames[platform()] ?? platform(),
  'hostcore.osfamily': platform() === 'win32' ? 'windows' : 'unix',
});
