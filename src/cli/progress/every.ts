// The timer of renderers.

/** Calls back every so many milliseconds until the returned function is called; does not keep the process alive. */
export function every(milliseconds: number, callback: () => void): () => void {
  const timer = setInterval(callback, milliseconds);
  timer.unref();
  return () => clearInterval(timer);
}
