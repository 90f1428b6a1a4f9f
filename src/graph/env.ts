// The variables of a stage: what ENV and ARG set, in order, each name once.

export class Env {
  readonly #values: Map<string, string>;

  constructor(entries: Iterable<readonly [string, string]> = []) {
    this.#values = new Map(entries);
  }

  /** From `NAME=value` texts, as image configs hold them. */
  static parse(list: readonly string[]): Env {
    return new Env(
      list.map((text) => {
        const at = text.indexOf('=');
        return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
      }),
    );
  }

  get = (name: string): string | undefined => this.#values.get(name);

  /** Replaces in place where the name is there. */
  set(name: string, value: string): void {
    this.#values.set(name, value);
  }

  entries(): [string, string][] {
    return [...this.#values];
  }

  clone(): Env {
    return new Env(this.#values);
  }

  /** As image configs hold them. */
  format(): string[] {
    return this.entries().map(([name, value]) => `${name}=${value}`);
  }
}

/** What a process gets where neither the image nor the Dockerfile sets PATH. */
export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
