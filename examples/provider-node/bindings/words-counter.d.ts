// Written by kasmcloud-bindings; write it anew rather than change it.
import type { WitInterface } from '@kasmcloud/provider';

export type Entry = { word: string; times: number };
export type Tally = { words: number; distinct: number; top?: Entry | undefined };
export type Fault = { tag: 'too-long'; val: number } | { tag: 'language-unknown'; val: string };

/** example:words/counter@0.1.0 */
export interface Counter {
  /** @throws WitError of Fault */
  count(text: string, language: string): Tally;
}

export declare const counter: WitInterface<Counter>;
