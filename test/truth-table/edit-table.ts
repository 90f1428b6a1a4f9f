// What becomes of a step when the Dockerfile, a flag of the build or the base changes. Each row stands in a stage of its own.

export interface EditRow {
  /** Of the stage. */
  id: string;
  /** What changed. */
  title: string;
  /** The last step is the one that is looked at. */
  before: string[];
  after: string[];
  /** What explain says of a miss; undefined: it hits. */
  miss?: string[];
}

/** Another value of what makes no step of its own; a RUN stands on it. */
const above = (id: string, [before, after]: [string, string], miss?: string[]): EditRow => ({
  ...{ id, title: `${before} → ${after}` },
  before: [before, 'RUN true'],
  after: [after, 'RUN true'],
  ...(miss ? { miss } : {}),
});

const edit = (id: string, [before, after]: [string, string], miss?: string[]): EditRow => ({
  ...{ id, title: `${before} → ${after}`.replaceAll('\n', '⏎') },
  ...{ before: [before], after: [after] },
  ...(miss ? { miss } : {}),
});

export const editTable: readonly EditRow[] = [
  edit('run', ['RUN echo a', 'RUN echo b'], ['the instruction was "RUN echo a"']),
  edit('heredoc', ['RUN <<E\necho a\nE', 'RUN <<E\necho b\nE'], ['the instruction was "RUN <<E (echo a)"']),
  edit('inline', ['COPY <<E /f\na\nE', 'COPY <<E /f\nb\nE'], ['<<E has other content']),
  edit('destination', ['COPY d /a/', 'COPY d /b/'], ['destination was "/a/", and is "/b/"']),
  edit('chmod', ['COPY --chmod=600 d /d/', 'COPY --chmod=700 d /d/'], ['chmod was "600", and is "700"']),
  edit('chown', ['COPY --chown=1 d /d/', 'COPY --chown=2 d /d/'], ['chown was "1", and is "2"']),
  edit('link', ['COPY d /d/', 'COPY --link d /d/'], ['link was "false", and is "true"']),
  edit(
    'exclude',
    ['COPY --exclude=a d /d/', 'COPY --exclude=b d /d/'],
    ['excludes was "[\\"a\\"]", and is "[\\"b\\"]"', 'a was added', 'b was removed'],
  ),
  edit('workdir', ['WORKDIR /a', 'WORKDIR /b'], ['path was "/a", and is "/b"']),
  above('env', ['ENV A=1', 'ENV A=2'], ['variable A has another value']),
  above('env-more', ['ENV A=1', 'ENV A=1 B=1'], ['variable B is new']),
  above('arg', ['ARG A=1', 'ARG A=2'], ['ARG A has another value']),
  {
    id: 'arg-copy',
    title: 'ARG A=1 → ARG A=2, above a COPY',
    before: ['ARG A=1', 'COPY d /d/'],
    after: ['ARG A=2', 'COPY d /d/'],
  },
  {
    ...above('given', ['ARG GIVEN', 'ARG GIVEN'], ['ARG GIVEN has another value']),
    title: '--build-arg GIVEN=1 → --build-arg GIVEN=2',
  },
  above('label', ['LABEL a=1', 'LABEL a=2']),
  above('user', ['USER 1', 'USER 2'], ['user was "1", and is "2"']),
  above(
    'shell',
    ['SHELL ["/bin/sh", "-ec"]', 'SHELL ["/bin/sh", "-c"]'],
    ['the shell or the script of the instruction changed'],
  ),
  above('expose', ['EXPOSE 80', 'EXPOSE 81']),
  above('cmd', ['CMD ["a"]', 'CMD ["b"]']),
  above('entrypoint', ['ENTRYPOINT ["a"]', 'ENTRYPOINT ["b"]']),
  above('volume', ['VOLUME /a', 'VOLUME /b']),
  above('stopsignal', ['STOPSIGNAL 9', 'STOPSIGNAL 15']),
  above('healthcheck', ['HEALTHCHECK CMD a', 'HEALTHCHECK CMD b']),
  above('onbuild', ['ONBUILD RUN a', 'ONBUILD RUN b']),
  above('comment', ['# a comment', '# another\n\n# and lines that moved']),
  edit(
    'bind',
    ['RUN --mount=type=bind,source=d,target=/a true', 'RUN --mount=type=bind,source=d,target=/b true'],
    ['the mount at /a was removed', 'the mount at /b was added'],
  ),
  edit('cache', ['RUN --mount=type=cache,target=/c,id=a true', 'RUN --mount=type=cache,target=/c,id=b true']),
  edit(
    'tmpfs',
    ['RUN --mount=type=tmpfs,target=/t,size=1m true', 'RUN --mount=type=tmpfs,target=/t,size=2m true'],
    ['the mount at /t has other options'],
  ),
  edit(
    'secret',
    ['RUN --mount=type=secret,id=s,mode=0400 true', 'RUN --mount=type=secret,id=s,mode=0444 true'],
    ['the mount at /run/secrets/s has other options'],
  ),
  {
    id: 'secret-value',
    title: 'another value of a secret',
    before: ['RUN --mount=type=secret,id=s true'],
    after: ['RUN --mount=type=secret,id=s true'],
  },
  edit(
    'ssh',
    ['RUN --mount=type=ssh,id=default true', 'RUN --mount=type=ssh,id=default,mode=0644 true'],
    ['the mount ssh default has other options'],
  ),
  edit(
    'network',
    ['RUN --network=none true', 'RUN --network=default true'],
    ['network was "none", and is "default"'],
  ),
  edit(
    'security',
    ['RUN --security=sandbox true', 'RUN --security=insecure true'],
    ['security was "sandbox", and is "insecure"'],
  ),
  {
    id: 'url',
    title: 'what ADD of a URL fetches',
    before: ['ADD SERVER/changing.txt /d/'],
    after: ['ADD SERVER/changing.txt /d/'],
    miss: ['changing.txt has other content'],
  },
  {
    id: 'url-same',
    title: 'a URL whose content is the same, and younger',
    before: ['ADD SERVER/same.txt /d/'],
    after: ['ADD SERVER/same.txt /d/'],
  },
  {
    id: 'git',
    title: 'a branch that ADD of a repository names',
    before: ['ADD GIT/repo.git /d/'],
    after: ['ADD GIT/repo.git /d/'],
    miss: ['f.txt has other content'],
  },
  {
    id: 'triggered',
    title: 'an ONBUILD RUN in the config of the base',
    before: [],
    after: [],
    miss: ['the instruction was "RUN true before"'],
  },
  {
    id: 'moved',
    title: 'FROM an image whose tag moved',
    before: ['RUN true'],
    after: ['RUN true'],
    miss: ['the base image was IMAGE, and is IMAGE'],
  },
];
