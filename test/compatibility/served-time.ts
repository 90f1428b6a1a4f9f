// When the files that the HTTP server of a bench serves were last changed, in seconds since 1970.
export const servedTime = 1_600_000_000;
