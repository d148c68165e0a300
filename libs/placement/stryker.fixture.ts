import * as fc from 'fast-check';

// A mutant is dead at its first counterexample: nobody reads a smaller one.
fc.configureGlobal({ endOnFailure: true });
