/** Version that the lattice is told; semantic, because wadm parses it. */
export const VERSION = '0.1.0';
