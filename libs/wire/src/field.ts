import { z } from 'zod';

/** Text of any name, reference or value that peers send; longer is hostile. */
export const word = z.string().max(2_048);
export const words = z.array(word).max(1_000);
export const stringMap = z.record(word, word);
export const count = z.number().int().nonnegative();
