// The part of spdx-expression-parse that is used: it throws for what is no SPDX license expression.
declare module 'spdx-expression-parse' {
  export default function parse(expression: string): unknown;
}
