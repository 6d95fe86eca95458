/** Where the recorded histories are. */
export const HISTORIES = new URL('histories/', import.meta.url);
