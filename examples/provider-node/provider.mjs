#!/usr/bin/env node
// Counts the words of texts, for every actor that is linked to it. The link's config says what it may ask for.
import { serves, startProvider, WitError } from '@kasmcloud/provider';
import { counter } from './bindings/words-counter.js';

/** The most bytes of a text where the link does not say. */
const MOST = 1_000;

/** @type {import('@kasmcloud/provider').Implementation<import('./bindings/words-counter.js').Counter>} */
const implementation = {
  count(text, language, { link }) {
    const { languages = 'en', most = String(MOST) } = link.config;
    if (!languages.split(',').includes(language)) throw new WitError({ tag: 'language-unknown', val: language });
    if (Buffer.byteLength(text) > Number(most)) throw new WitError({ tag: 'too-long', val: Number(most) });
    const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
    const times = new Map();
    for (const word of words) times.set(word, (times.get(word) ?? 0) + 1);
    const [top] = [...times].toSorted(([, a], [, b]) => b - a);
    return {
      words: words.length,
      distinct: times.size,
      top: top && { word: top[0], times: top[1] },
    };
  },
};

const provider = await startProvider({ serves: [serves(counter, implementation)] });
console.log(`counts for lattice ${provider.lattice} as ${provider.id}`);
