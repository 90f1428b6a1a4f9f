// Dockerfiles made up from a seed, which build on every builder: what they copy and touch is there.
import type { GeneratedContext } from './generated-context.ts';
import { createRandom, type Random } from './random.ts';

interface Stage {
  name: string;
  lines: string[];
  /** Absolute folders and files that are there by now. */
  folders: string[];
  files: string[];
}

interface Writer {
  random: Random;
  context: GeneratedContext;
  /** Finished ones. */
  stages: Stage[];
  stage: Stage;
  /** Counts what is made, so that nothing is made twice. */
  made: number;
}

const owners = ['app', 'app:extra', '1234', '77:88', 'nobody:nogroup', '0:0'];
const octal = ['755', '0644', '600', '4755', '1770'];

/** A word for COPY's JSON form, where its blanks and quotes need none. */
const json = (words: readonly string[]): string => JSON.stringify(words);
/** Names only where there is a passwd file. */
function owner({ random, stage }: Writer): string {
  return random.pick(stage.name.startsWith('bare') ? owners.filter((one) => /^\d/.test(one)) : owners);
}

function flags(writer: Writer): string {
  const { random } = writer;
  const chown = random.chance(35) ? `--chown=${owner(writer)} ` : '';
  const chmod = random.chance(25) ? `--chmod=${random.pick(octal)} ` : '';
  return chown + chmod;
}

function fresh(writer: Writer): string {
  const parent = writer.random.pick(['', '/opt', '/srv/deep/er', ...writer.stage.folders]);
  return `${parent}/n${writer.made++}`;
}

type Action = (writer: Writer) => void;

const copyFile: Action = (writer) => {
  const { random, context, stage } = writer;
  const keyword = random.chance(25) ? 'ADD' : 'COPY';
  const source = random.pick(context.files);
  const toFolder = random.chance(50);
  const target = toFolder && random.chance(50) ? random.pick(stage.folders) : fresh(writer);
  stage.lines.push(`${keyword} ${flags(writer)}${json([source, toFolder ? `${target}/` : target])}`);
  if (toFolder && !stage.folders.includes(target)) stage.folders.push(target);
  if (!toFolder) stage.files.push(target);
};

const copyFolder: Action = (writer) => {
  const { random, context, stage } = writer;
  const target = random.chance(25) ? random.pick(stage.folders) : fresh(writer);
  const source = random.pick(context.folders) + random.pick(['', '/', '/.']);
  stage.lines.push(`COPY ${flags(writer)}${source} ${target}${random.pick(['', '/'])}`);
  if (!stage.folders.includes(target)) stage.folders.push(target);
};

const copyPattern: Action = (writer) => {
  const { random, stage } = writer;
  const target = fresh(writer);
  const pattern = random.pick(['src/*', 'data/*', 's*/inner/*', 'data/[^x]*', '*.t*', 'src/?*']);
  stage.lines.push(`COPY ${flags(writer)}${pattern} ${target}/`);
  stage.folders.push(target);
};

const copyMany: Action = (writer) => {
  const { random, context, stage } = writer;
  const target = fresh(writer);
  const sources = random.some(context.files, 3);
  stage.lines.push(`COPY ${flags(writer)}${json([...sources, `${target}/`])}`);
  stage.folders.push(target);
};

const copyStage: Action = (writer) => {
  const { random, stages, stage } = writer;
  const from = stages.length > 0 ? random.pick(stages) : undefined;
  if (!from) return copyFolder(writer);
  const isFile = from.files.length > 0 && random.chance(50);
  const source = random.pick(isFile ? from.files : from.folders);
  const target = fresh(writer);
  stage.lines.push(`COPY --from=${from.name} ${flags(writer)}${source} ${target}`);
  (isFile ? stage.files : stage.folders).push(target);
};

const addArchive: Action = (writer) => {
  const { random, context, stage } = writer;
  const target = random.chance(20) ? random.pick(stage.folders) : fresh(writer);
  const chown = random.chance(30) ? `--chown=${owner(writer)} ` : '';
  stage.lines.push(`ADD ${chown}${random.pick(context.archives)} ${target}${random.pick(['', '/'])}`);
  if (!stage.folders.includes(target)) stage.folders.push(target);
  // Not its `two`: another name of it may be there, and a layer that changes one name leaves the other.
  stage.files.push(`${target}/top/one`);
};

/** What is gone can't be copied or touched later. */
function forget(stage: Stage, path: string): void {
  stage.files = stage.files.filter((file) => file !== path && !file.startsWith(`${path}/`));
  stage.folders = stage.folders.filter((folder) => !folder.startsWith(`${path}/`));
}

/** Commands that hold whatever the user may do: as root they work, and where they do not, they say nothing. */
function command(writer: Writer): string {
  const { random, stage } = writer;
  const place = `/tmp/r${writer.made++}`;
  const folder = random.pick(stage.folders);
  // Names in /etc/passwd must be found to the end: it is changed, and stays.
  const file = stage.files.length > 0 ? random.pick(stage.files) : '/etc/passwd';
  const removals: [string, string][] = [
    [`rm -f ${file}`, file],
    [`mv ${file} ${place}-moved`, file],
    [`ln ${file} ${place}-hard`, file],
    [`rm -rf ${folder}/*`, folder],
    [`rm -rf ${folder} && mkdir -p ${folder} && echo again > ${folder}/again`, folder],
  ];
  const choices: [string, string?][] = [
    ...removals.filter(([, path]) => path !== '/etc/passwd'),
    [`mkdir -p ${place}/x/y && echo ${writer.made} > ${place}/x/y/z`],
    [`mkdir -m 711 ${place} && touch -d '2011-12-13 14:15:16' ${place}`],
    [`chmod 751 ${folder}`],
    [`chmod u=rw,go=r ${file}`],
    [`chown 55:66 ${file}`],
    [`ln -s ${file} ${place}-link`],
    [`cp -a ${folder} ${place}-copy`],
    [`echo '# more' >> ${file}`],
    [`mkfifo ${place}-fifo`],
    [`(umask 077; echo secret > ${place})`],
    [`(pwd; id -u; id -G; echo "$GREETING $NUMBER") > ${place}-seen`],
  ];
  const [text, gone] = random.pick(choices);
  if (gone !== undefined) forget(stage, gone);
  return text;
}

const run: Action = (writer) => {
  const { random, stage } = writer;
  if (stage.name.startsWith('bare')) return copyFile(writer);
  const commands = Array.from(
    { length: 1 + random.number(3) },
    () => `{ ${command(writer)}; } 2>/dev/null || true`,
  );
  if (random.chance(20)) stage.lines.push(`RUN ${json(['/bin/sh', '-c', commands.join('; ')])}`);
  else stage.lines.push(`RUN ${commands.join(' \\\n  && ')}`);
};

const workdir: Action = (writer) => {
  const { random, stage } = writer;
  const target = fresh(writer);
  stage.lines.push(`WORKDIR ${target}`);
  stage.folders.push(target);
  if (!random.chance(40)) return;
  stage.lines.push('WORKDIR below/it');
  stage.folders.push(`${target}/below/it`);
};

const user: Action = (writer) => {
  const { random, stage } = writer;
  stage.lines.push(`USER ${random.pick(['app', '1000:2000', 'root', '0', 'nobody', 'app:extra'])}`);
};

const metadata: Action = (writer) => {
  const { random, stage } = writer;
  const shells = stage.name.startsWith('bare') ? [] : ['SHELL ["/bin/sh", "-e", "-c"]'];
  stage.lines.push(
    random.pick([
      `ENV GREETING="hello ${random.number(100)}" OTHER=$NUMBER`,
      'ENV PATH=$PATH:/more',
      `ENV OLD form ${random.number(10)}`,
      'ARG NUMBER=42',
      'ARG UNSET',
      `LABEL one=${random.number(9)} "two words"='2 2' version="$NUMBER"`,
      'EXPOSE 80 53/udp 7000-7002',
      `EXPOSE ${1000 + random.number(9)}`,
      'STOPSIGNAL SIGQUIT',
      'STOPSIGNAL 9',
      'CMD ["one", "two three"]',
      'CMD echo $HOME && exit 3',
      'ENTRYPOINT ["/bin/echo", "a"]',
      'ENTRYPOINT exec top -b',
      `VOLUME /vol${random.number(3)} /other`,
      'VOLUME ["/json vol"]',
      'ONBUILD RUN echo triggered',
      ...shells,
    ]),
  );
};

const actions: readonly (readonly [number, Action])[] = [
  ...([
    [14, copyFile],
    [10, copyFolder],
    [8, copyPattern],
    [5, copyMany],
    [14, copyStage],
    [10, addArchive],
  ] as const),
  ...([
    [22, run],
    [7, workdir],
    [5, user],
    [18, metadata],
  ] as const),
];
const total = actions.reduce((sum, [weight]) => sum + weight, 0);

function anyAction(random: Random): Action {
  let at = random.number(total);
  for (const [weight, action] of actions) {
    if (at < weight) return action;
    at -= weight;
  }
  return run;
}

function writeStage(writer: Writer, last: boolean): void {
  const { random, stages } = writer;
  const earlier = stages.filter(({ name }) => !name.startsWith('bare'));
  const kind = random.number(10);
  const number = stages.length;
  let from = 'base';
  let stage: Stage = {
    name: `s${number}`,
    lines: [],
    folders: ['/home/app', '/tmp'],
    files: [],
  };
  if (kind < 3 && earlier.length > 0) {
    const base = random.pick(earlier);
    from = base.name;
    stage = { ...stage, folders: [...base.folders], files: [...base.files] };
  } else if (kind > 7) {
    from = 'scratch';
    stage = { ...stage, name: `bare${number}`, folders: ['/start'], files: ['/start/no.tar'] };
  }
  writer.stage = stage;
  stage.lines.push(`FROM ${from} AS ${stage.name}`);
  if (from === 'scratch') stage.lines.push('COPY no.tar /start/');
  const steps = last ? 3 + random.number(4) : 1 + random.number(2);
  for (let step = 0; step < steps; step++) anyAction(random)(writer);
  stages.push(stage);
}

/** The text of a Dockerfile for a context that was made from the same seed. Its base is called `base`. */
export function generateDockerfile(seed: number, context: GeneratedContext): string {
  const random = createRandom(seed);
  const writer = { random, context, stages: [], made: 0 } as unknown as Writer;
  const count = 1 + random.number(2);
  for (let index = 0; index < count; index++) writeStage(writer, index === count - 1);
  return `${writer.stages.map(({ lines }) => lines.join('\n')).join('\n\n')}\n`;
}
