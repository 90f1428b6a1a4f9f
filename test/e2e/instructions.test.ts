// Every instruction of a Dockerfile, seen in the image that comes out.
import { writeFile } from 'node:fs/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mustRun } from '../support/run-command.ts';
import { requireWorkbench, workbench } from '../support/workbench.ts';

const test = suite('e2e instructions');

test('ADD copies files and unpacks archives', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({ 'packed/a.txt': 'packed\n', 'plain.txt': 'plain\n' });
  await mustRun(['tar', '-czf', `${bench.context}/packed.tar.gz`, '-C', `${bench.context}/packed`, '.']);
  await bench.write({ Dockerfile: 'FROM scratch\nADD plain.txt packed.tar.gz /here/\n' });
  const image = await bench.image();
  assert.is(image.text('/here/a.txt'), 'packed\n');
  assert.is(image.text('/here/plain.txt'), 'plain\n');
  assert.not(image.files.has('/here/packed.tar.gz'));
});

test('ARG is seen by the steps after it and is not kept', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'ARG FROM_TOP=base\nFROM $FROM_TOP\nARG WHO=nobody\nRUN echo "$WHO" > /who\n',
  });
  const image = await bench.image(['--build-arg=WHO=somebody']);
  assert.is(image.text('/who'), 'somebody\n');
  assert.not((image.config.config.Env ?? []).some((entry) => entry.startsWith('WHO=')));
});

test('CMD and ENTRYPOINT are kept in both forms', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM base\nENTRYPOINT ["/bin/echo", "a b"]\nCMD exit 3\n',
  });
  const { config } = (await bench.image()).config;
  assert.equal(config.Entrypoint, ['/bin/echo', 'a b']);
  assert.equal(config.Cmd, ['/bin/sh', '-c', 'exit 3']);
});

test('COPY keeps modes, sets owners and modes, leaves out, keeps parents and reads stages', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    'a/b/deep.txt': 'deep\n',
    'a/skip.log': 'no\n',
    'run.sh': '#!/bin/sh\n',
    Dockerfile: `FROM scratch AS first
COPY --chmod=0750 --chown=12:34 run.sh /bin/run
FROM scratch
COPY --from=first /bin/run /run
COPY --exclude=*.log a /left
COPY --parents a/b/deep.txt /parents/
COPY --link run.sh /linked/
COPY <<text /made.txt
made here
text
`,
  });
  const image = await bench.image();
  const run = image.files.get('/run');
  assert.equal([run?.mode, run?.uid, run?.gid], [0o750, 12, 34]);
  assert.is(image.text('/left/b/deep.txt'), 'deep\n');
  assert.not(image.files.has('/left/skip.log'));
  assert.is(image.text('/parents/a/b/deep.txt'), 'deep\n');
  assert.is(image.text('/linked/run.sh'), '#!/bin/sh\n');
  assert.is(image.text('/made.txt'), 'made here\n');
});

test('ENV is kept, and expands in what follows', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM base\nENV DIR=/data NAME="two words"\nWORKDIR $DIR/x\nRUN echo "$NAME" > name\n',
  });
  const image = await bench.image();
  assert.ok(image.config.config.Env?.includes('NAME=two words'));
  assert.is(image.text('/data/x/name'), 'two words\n');
});

test('EXPOSE, VOLUME, STOPSIGNAL, LABEL and HEALTHCHECK are kept', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: `FROM base
EXPOSE 80 53/udp
VOLUME /data ["/more"]
VOLUME ["/json"]
STOPSIGNAL SIGQUIT
LABEL one=1 "two words"='2 2'
HEALTHCHECK --interval=5s --retries=2 CMD wget -q localhost
`,
  });
  const { config } = (await bench.image()).config;
  assert.equal(config['ExposedPorts'], { '80/tcp': {}, '53/udp': {} });
  assert.ok('/json' in (config['Volumes'] as object) && '/data' in (config['Volumes'] as object));
  assert.is(config['StopSignal'], 'SIGQUIT');
  assert.equal(config.Labels, { one: '1', 'two words': '2 2' });
  assert.equal(config['Healthcheck'], {
    Test: ['CMD-SHELL', 'wget -q localhost'],
    Interval: 5_000_000_000,
    Retries: 2,
  });
});

test('FROM and AS name stages, of which only the wanted are built', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: `FROM base AS one
RUN echo one > /one
FROM base AS broken
RUN exit 1
FROM one AS last
RUN cat /one /one > /two
`,
  });
  const image = await bench.image(['--target=last']);
  assert.is(image.text('/two'), 'one\none\n');
});

test('MAINTAINER is kept as the author', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM scratch\nMAINTAINER some one <a@example.org>\nCOPY Dockerfile /\n',
  });
  const image = await bench.image();
  assert.is((image.config as { author?: string }).author, 'some one <a@example.org>');
});

test('ONBUILD runs in the build that stands on the image', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM base\nONBUILD RUN echo triggered > /triggered\n',
    'child.Dockerfile': 'FROM parent\nRUN cat /triggered > /seen\n',
  });
  const parent = await bench.image();
  assert.equal(parent.config.config['OnBuild'], ['RUN echo triggered > /triggered']);
  const layout = bench.file('layout');
  await mustRun(['mkdir', layout]);
  await mustRun(['tar', '-xf', parent.tar, '-C', layout]);
  const child = await bench.image([
    `--build-context=parent=oci-layout://${layout}@${parent.digest}`,
    '-f',
    `${bench.context}/child.Dockerfile`,
  ]);
  assert.is(child.text('/seen'), 'triggered\n');
  assert.not(child.config.config['OnBuild']);
});

test('RUN keeps what its command makes, changes and deletes', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: `FROM base
RUN mkdir /d && echo a > /d/a && ln -s a /d/link && ln /d/a /d/hard && chmod 600 /d/a && rm /etc/group
RUN ["/bin/sh", "-c", "echo exec > /exec"]
RUN <<EOF
echo one > /script
echo two >> /script
EOF
`,
  });
  const image = await bench.image();
  assert.is(image.files.get('/d/a')?.mode, 0o600);
  assert.is(image.files.get('/d/link')?.link, 'a');
  assert.is(image.files.get('/d/hard'), image.files.get('/d/a'));
  assert.not(image.files.has('/etc/group'));
  assert.is(image.text('/exec'), 'exec\n');
  assert.is(image.text('/script'), 'one\ntwo\n');
});

test('SHELL changes the shell of what follows', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM base\nSHELL ["/bin/sh", "-e", "-c"]\nRUN false || true; echo "$-" > /flags\nCMD true\n',
  });
  const image = await bench.image();
  assert.match(image.text('/flags'), 'e');
  assert.equal(image.config.config.Cmd, ['/bin/sh', '-e', '-c', 'true']);
});

test('USER and WORKDIR hold for steps and for the image', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    Dockerfile: 'FROM base\nUSER app\nWORKDIR /home/app/job\nRUN id -un > who && pwd > where\n',
  });
  const image = await bench.image();
  assert.is(image.text('/home/app/job/who'), 'app\n');
  assert.is(image.text('/home/app/job/where'), '/home/app/job\n');
  assert.is(image.files.get('/home/app/job/who')?.uid, 1000);
  assert.is(image.config.config.User, 'app');
  assert.is(image.config.config.WorkingDir, '/home/app/job');
});

test('.dockerignore keeps files out of the context', async () => {
  if (!requireWorkbench()) return;
  await using bench = await workbench({
    'keep.txt': 'k',
    'drop.log': 'd',
    'sub/drop.log': 'd',
    'sub/stay.log': 's',
  });
  await writeFile(`${bench.context}/.dockerignore`, '**/*.log\n!sub/stay.log\n');
  await bench.write({ Dockerfile: 'FROM scratch\nCOPY . /all/\n' });
  const names = [...(await bench.image()).files.keys()].filter((name) => name.startsWith('/all/')).sort();
  assert.equal(names, [
    '/all/.dockerignore',
    '/all/Dockerfile',
    '/all/keep.txt',
    '/all/sub',
    '/all/sub/stay.log',
  ]);
});

test.run();
