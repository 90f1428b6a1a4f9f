// The command line of the benchmark.
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';

export interface Flags {
  /** Parts of scenarios' names; empty: all. */
  words: string[];
  samples: number;
  quick: boolean;
  /** Parts of peers' names; undefined: all that are there. */
  peers: string[] | undefined;
  dockers: string[];
  /** Checkouts or programs: `PATH` or `NAME=PATH`. */
  slipways: string[];
  workDir: string;
  memorySize: number;
  corpus: string | undefined;
  json: string | undefined;
  html: string | undefined;
  /** Results of an earlier run, instead of a run. */
  from: string | undefined;
  readme: boolean;
  aims: boolean;
  list: boolean;
  help: boolean;
}

export const USAGE = `usage: npm run bench -- [flags] [part of a scenario's name]...

  --samples=N         of each scenario and builder (default: 5)
  --quick             small sizes and one sample: shows that all works, measures nothing
  --peers=WORD,...    of buildkit, buildah; empty for none (default: all that are on the machine)
  --docker=DIR        one more BuildKit: a folder that Debian packages of Docker were unpacked into; may be repeated
  --slipway=NAME=DIR  another checkout, built, beside or instead of this one; may be repeated (default: this one)
  --work-dir=DIR      where everything lies (default: the temporary folder)
  --memory-size=N     gigabytes of the file that memory is measured with (default: 2)
  --corpus=DIR        Dockerfiles for lint, instead of made-up ones
  --aims              say of each aim whether it is met
  --json=FILE         write all results
  --html=FILE         write them as one page with plots
  --readme            write the figures into bench/README.md
  --from=FILE         take results that --json wrote, and run nothing
  --list              name the scenarios`;

const list = (text: string): string[] => text.split(',').filter((word) => word !== '');

/** @throws where a flag is unknown or no number */
export function parseFlags(argv: readonly string[]): Flags {
  const text = { type: 'string' } as const;
  const many = { type: 'string', multiple: true } as const;
  const yes = { type: 'boolean' } as const;
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      ...{ samples: text, peers: text, 'work-dir': text, 'memory-size': text, corpus: text, json: text },
      ...{ html: text, from: text, docker: many, slipway: many },
      ...{ quick: yes, readme: yes, aims: yes, list: yes, help: yes },
    },
  });
  const number = (name: 'samples' | 'memory-size', otherwise: number): number => {
    const value = Number(values[name] ?? otherwise);
    if (!(value > 0)) throw new Error(`--${name} must be a number above 0`);
    return value;
  };
  const quick = values.quick ?? false;
  return {
    words: positionals,
    samples: Math.floor(number('samples', quick ? 1 : 5)),
    quick,
    peers: values.peers === undefined ? undefined : list(values.peers),
    dockers: values.docker ?? [],
    slipways: values.slipway ?? [],
    workDir: values['work-dir'] ?? tmpdir(),
    memorySize: number('memory-size', 2),
    ...{ corpus: values.corpus, json: values.json, html: values.html, from: values.from },
    ...{ readme: values.readme ?? false, aims: values.aims ?? false },
    ...{ list: values.list ?? false, help: values.help ?? false },
  };
}
