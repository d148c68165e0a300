import { keyOfMark } from '@kasmcloud/wire';

/** What a host tells, without the marks beside labels that it was given. */
export const withoutMarks = (told: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(told).filter(([key]) => keyOfMark(key) === undefined));

/** The keys of labels that the host was given. */
export const givenKeys = (told: Readonly<Record<string, string>>): string[] =>
  Object.keys(told).flatMap((key) => keyOfMark(key) ?? []);

/** Labels that the host has of its own: by its configuration, or from a client of the lattice. */
export function ownLabels(told: Readonly<Record<string, string>>): Record<string, string> {
  const given = new Set(givenKeys(told));
  return Object.fromEntries(Object.entries(withoutMarks(told)).filter(([key]) => !given.has(key)));
}
