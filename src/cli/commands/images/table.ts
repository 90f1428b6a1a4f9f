// Columns as Go's tabwriter lays them out for docker: at least ten wide, three blanks between.
const least = 10;
const padding = 3;

/** @param lines cells separated by tabs; the last cell of a line is not padded. */
export function layOut(lines: readonly string[]): string {
  const rows = lines.map((line) => line.split('\t'));
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.slice(0, -1).entries())
      widths[index] = Math.max(widths[index] ?? least, [...cell].length + padding);
  return rows
    .map((row) =>
      row.map((cell, index) => (index === row.length - 1 ? cell : fill(cell, widths[index]!))).join(''),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function fill(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - [...cell].length));
}
