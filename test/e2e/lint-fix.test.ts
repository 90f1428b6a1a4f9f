// What `lint --fix` calls safe, built: an image of the mended file is that of the file as it was, layer for layer.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fixText } from '../../src/lint/fix-text.ts';
import { type BaseImage, busyboxBase, haveBusybox } from '../support/busybox-base.ts';
import { build } from '../support/cli.ts';
import { readOciImage } from '../support/oci-image.ts';
import { requireFeature } from '../support/require-feature.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

const test = suite('e2e: lint --fix');

const before = `# check=skip=nothing
from base as Tools
run echo tool > /tool && \\

    # a comment
    chmod 755 /tool
Workdir /srv
workdir data
FROM --platform=$TARGETPLATFORM scratch as Files
workdir out
COPY a.txt ./sub/b.txt
ADD a.txt /added
FROM base
MAINTAINER "Somebody" <me@example.com> $HOME
ENV GREETING hello  "big   world" of $PATH
ENV MORE one   two \${GREETING:-x y}
LABEL kind 'a "b"' c
env PLAIN=1
expose 80/TCP 9000-9002/Udp
EXPOSE 127.0.0.1:81:82
COPY --from=Tools /tool /tool
COPY --from=files /out /added /many/
COPY a.txt b.txt /both
RUN --mount=from=TOOLS,target=/mnt cat /mnt/tool > /copy && env > /env && sed -i /^HOSTNAME/d /env
run cat <<EOF > /here
 $GREETING

# no comment
EOF
HEALTHCHECK CMD /bin/true
`;

/** The configs of what two texts build, each with a state folder of its own: nothing is equal because of one cache. */
async function buildBoth(dir: TempDir, base: BaseImage, texts: readonly [string, string]) {
  const images = await Promise.all(
    texts.map(async (text, index) => {
      const folder = dir.file(`${index}`);
      mkdirSync(folder);
      writeFileSync(`${folder}/a.txt`, 'a');
      writeFileSync(`${folder}/b.txt`, 'b');
      writeFileSync(`${folder}/Dockerfile`, text);
      const dest = dir.file(`${index}.tar`);
      await build([base.flag, `--output=type=oci,dest=${dest},rewrite-timestamp=true`, folder], {
        root: dir.file(`root${index}`),
        env: { SOURCE_DATE_EPOCH: '1700000000' },
      });
      return readOciImage(dest);
    }),
  );
  return images.map(({ config }) => config);
}

test('each layer is the same, and so is the config but for the author, who has become a label', async () => {
  if (!requireFeature('busybox', haveBusybox)) return;
  await using dir = await tempDir();
  const base = await busyboxBase(dir.file('base'));
  const settled = before.replace('COPY a.txt b.txt /both\n', 'COPY a.txt b.txt /both/\n');
  const { text: after, findings } = fixText(settled, 'Dockerfile', { level: 'safe' });
  assert.equal(
    findings.filter(({ fix }) => fix?.safety === 'safe'),
    [],
  );
  for (const word of [
    'FROM base AS tools',
    'ENV GREETING=',
    'EXPOSE 80/tcp',
    'WORKDIR /out',
    'COPY a.txt /added',
  ])
    assert.ok(after.includes(word), `${word} is not in\n${after}`);
  const [one, other] = await buildBoth(dir, base, [settled, after]);
  assert.equal(other!.rootfs, one!.rootfs);
  const { Labels: labels = {}, ...rest } = other!.config;
  const { 'org.opencontainers.image.authors': author, ...others } = labels;
  assert.is(author, '"Somebody" <me@example.com> $HOME');
  assert.equal({ ...rest, Labels: others }, one!.config);
});

// Stands for every package manager: notes what it is asked for, flags aside.
const managers = `FROM base
COPY <<'E' /bin/manager
#!/bin/sh
name=$(basename "$0")
[ "$name" = apt ] && name=apt-get
for word; do
  case $word in -*) ;; *) name="$name <$word>" ;; esac
done
echo "$name" >> /asked-for
E
RUN chmod 755 /bin/manager && \\
    for i in apt apt-get apk yum dnf zypper pip useradd npm; do ln -s manager /bin/$i; done
RUN apt update && \\
    apt install \\
      # what is wanted
      "a b=1" c=2 && \\

    apt-get install d=3
run apk add  e=1 'f g=2' ; yum install h-1 \\
 && dnf install i-1&&zypper install 'j>=1' # the end
RUN if pip install k==1; then useradd -m -u 1000000 l; fi
RUN echo \`echo m \\\`echo n\\\`\` "\`echo 'o  p'\`" > /words && x=\`cat /words # all\` && echo "$x" >> /words && y=\`echo q\`
RUN npm install --no-optional --production q@1
RUN <<END
apt-get install r=1
END
ONBUILD RUN apt-get install s=1
CMD /bin/echo  t "u"
`;

test('programs are asked for the same, and started with the same words', async () => {
  if (!requireFeature('busybox', haveBusybox)) return;
  await using dir = await tempDir();
  const base = await busyboxBase(dir.file('base'));
  const { text: after, before: found } = fixText(managers, 'Dockerfile', { level: 'safe' });
  const mended = found.filter(({ fix }) => fix?.safety === 'safe').map(({ rule }) => rule);
  const rules = 'DL3014 DL3015 DL3019 DL3025 DL3027 DL3030 DL3034 DL3038 DL3042 DL3046 SC2006';
  for (const rule of rules.split(' ')) assert.ok(mended.includes(rule), `${rule} is not mended`);
  const [one, other] = await buildBoth(dir, base, [managers, after]);
  assert.equal(other!.rootfs, one!.rootfs);
  const { Cmd: shell, OnBuild: triggers, ...rest } = one!.config;
  const { Cmd: words, OnBuild: mendedTriggers, ...otherRest } = other!.config;
  assert.equal(otherRest, rest);
  assert.equal(shell?.slice(0, 2), ['/bin/sh', '-c']);
  assert.equal(words, ['/bin/echo', 't', 'u']);
  assert.equal(triggers, ['RUN apt-get install s=1']);
  assert.equal(mendedTriggers, ['RUN apt-get install -y --no-install-recommends s=1']);
});

test('a trailing slash makes a file build that did not', async () => {
  if (!requireFeature('busybox', haveBusybox)) return;
  await using dir = await tempDir();
  mkdirSync(dir.file('context'));
  for (const name of ['a.txt', 'b.txt']) writeFileSync(dir.file('context', name), name);
  const { text } = fixText('FROM scratch\nCOPY a.txt b.txt /both\n', 'Dockerfile', { level: 'safe' });
  writeFileSync(dir.file('context/Dockerfile'), text);
  cpSync(dir.file('context'), dir.file('copy'), { recursive: true });
  await build([`--output=type=oci,dest=${dir.file('image.tar')}`, dir.file('copy')], {
    root: dir.file('root'),
  });
  const { files } = await readOciImage(dir.file('image.tar'));
  assert.equal([...files.keys()].filter((path) => path.startsWith('/both/')).sort(), [
    '/both/a.txt',
    '/both/b.txt',
  ]);
});

test.run();
