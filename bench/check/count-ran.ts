// How many RUN steps ran, told by the steps themselves: each prints a line that its own command line does not hold.

/** Goes into a RUN step. */
export const MARK = "printf 'step-%s\\n' ran";

/** Lines of the mark in what a builder said, whatever the builder puts before them. */
export function countRan(log: string): number {
  return log.split('\n').filter((line) => /(^|\s)step-ran\s*$/.test(line)).length;
}
