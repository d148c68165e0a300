type Import = (url: string) => Promise<unknown>;

let load: Import = (url) => import(url);

/** Imports a module by its URL. */
export const importModule: Import = (url) => load(url);

/** A script cannot import by itself: who runs it does so. */
export const importBy = (other: Import): void => {
  load = other;
};
