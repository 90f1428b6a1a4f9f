// Rows: COPY.
import type { Section } from '../row.ts';

const files = { 'a.txt': 'a', 'b.txt': 'b', 'd/c.txt': 'c', 'd/e/f.txt': 'f' };

export const copy: Section = {
  slug: 'copy',
  title: 'COPY',
  rows: [
    {
      slug: 'copy-sources',
      what: 'Several sources into a folder, and the JSON form; of a folder its content is copied, merged with what is there',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY a.txt b.txt /x/\nCOPY ["d", "/x/"]\n',
          files,
          tree: { '/x/a.txt': 'a', '/x/b.txt': 'b', '/x/c.txt': 'c', '/x/e/f.txt': 'f', '/x/d': false },
        },
        { dockerfile: 'FROM scratch\nCOPY a.txt /d\nCOPY . /\n', files, fails: /Dockerfile:3/ },
      ],
    },
    {
      slug: 'copy-wildcards',
      what: '`*`, `?` and `[…]` as Go matches them; one that matches nothing is no error',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY ?.txt /x/\nCOPY [a-b].txt d/* /y/\nCOPY nothing* /z/\n',
          files,
          tree: { '/x/a.txt': 'a', '/y/b.txt': 'b', '/y/c.txt': 'c', '/y/f.txt': 'f', '/z/a.txt': false },
        },
        { dockerfile: 'FROM scratch\nCOPY nothing /x/\n', files, fails: 'nothing' },
      ],
    },
    {
      slug: 'copy-double-star',
      what: '`**` in sources',
      status: 'yes',
      note: 'As in BuildKit, folders to every depth with `--parents`, and the same as `*` without',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY --parents **/*.txt /x/\n',
          files,
          tree: { '/x/a.txt': 'a', '/x/d/e/f.txt': 'f' },
        },
        {
          dockerfile: 'FROM scratch\nCOPY **/*.txt /x/\n',
          files,
          tree: { '/x/c.txt': 'c', '/x/a.txt': false, '/x/f.txt': false },
        },
      ],
    },
    {
      slug: 'copy-inside-context',
      what: 'A leading `/`, `../` and links stay inside the context',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY /a.txt ../../b.txt /x/\n',
          files,
          tree: { '/x/a.txt': 'a', '/x/b.txt': 'b' },
        },
        {
          dockerfile: 'FROM scratch\nCOPY out /x/\n',
          files: { 'out -> ../../../../etc/passwd': '' },
          fails: 'out',
        },
      ],
    },
    {
      slug: 'copy-links',
      what: 'A source that is a link is followed, links inside folders stay links, those in the destination are followed inside the image',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY in/ /\nCOPY l /to/x\n',
          files: { 'in/to -> real': '', 'in/real/k': 'k', 'l -> a.txt': '', 'a.txt': 'a' },
          tree: { '/to': { type: 'symlink' }, '/real/x': 'a' },
        },
      ],
    },
    {
      slug: 'copy-destination',
      what: 'Missing folders of the destination are made, 0755 and of root; it starts at WORKDIR; a `/` at its end makes it a folder',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nWORKDIR /w\nCOPY a.txt x/y/\nCOPY a.txt z\n',
          files,
          tree: { '/w/x': { mode: 0o755, uid: 0 }, '/w/x/y/a.txt': 'a', '/w/z': 'a' },
        },
      ],
    },
    {
      slug: 'copy-keeps',
      what: 'Files belong to root and keep mode and time',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY a.txt /\n',
          files,
          tree: { '/a.txt': { uid: 0, gid: 0, mode: 0o644 } },
        },
      ],
    },
    {
      slug: 'copy-from',
      what: '`--from=` a stage, its number, an image or a named context',
      status: 'yes',
      probes: [
        {
          dockerfile:
            'FROM scratch AS one\nCOPY a.txt /\nFROM scratch\nCOPY --from=one /a.txt /x\nCOPY --from=0 /a.txt /y\nCOPY --from=base /etc/group /z\nCOPY --from=other a.txt /o\n',
          files,
          flags: ['--build-context=other=.'],
          tree: { '/x': 'a', '/y': 'a', '/z': {}, '/o': 'a' },
        },
        { dockerfile: 'FROM scratch AS one\nARG S=one\nCOPY --from=$S /a /b\n', fails: 'variable' },
      ],
    },
    {
      slug: 'copy-chown',
      what: '`--chown=` by name (of the image) or number, with variables',
      status: 'yes',
      probes: [
        {
          dockerfile:
            'FROM base\nARG U=app\nCOPY --chown=$U a.txt /x\nCOPY --chown=5:6 a.txt /y\nCOPY --chown=5 a.txt /z\n',
          files,
          tree: { '/x': { uid: 1000, gid: 1000 }, '/y': { uid: 5, gid: 6 }, '/z': { uid: 5, gid: 5 } },
        },
      ],
    },
    {
      slug: 'copy-chmod',
      what: '`--chmod=` as a number',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY --chmod=4751 a.txt /\n',
          files,
          tree: { '/a.txt': { mode: 0o4751 } },
        },
      ],
    },
    {
      slug: 'copy-chmod-symbolic',
      what: '`--chmod=u=rwX,go=rX` and the like',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY --chmod=u=rwX,go=rX,o-r d /x/\nCOPY --chmod=+x a.txt /\n',
          files,
          tree: { '/x/c.txt': { mode: 0o640 }, '/x/e': { mode: 0o751 }, '/a.txt': { mode: 0o755 } },
        },
      ],
    },
    {
      slug: 'copy-link',
      what: '`--link`: the layer does not depend on those below it, and links of the destination are not followed',
      status: 'yes',
      note: 'With `--chmod` as well it is a plain copy, as in BuildKit: the folders on the way keep their modes',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY in/ /\nCOPY --link a.txt /to/\n',
          files: { 'in/to -> real': '', 'in/real/k': '', 'a.txt': 'a' },
          tree: { '/to/a.txt': 'a', '/real/a.txt': false },
        },
        {
          dockerfile: 'FROM scratch\nCOPY --chmod=710 in/ /d/\nCOPY --link --chmod=600 a.txt /d/to/\n',
          files: { 'in/to -> real': '', 'in/real/k': '', 'a.txt': 'a' },
          tree: { '/d/real': { mode: 0o710 }, '/d/real/a.txt': { content: 'a', mode: 0o600 } },
        },
      ],
    },
    {
      slug: 'copy-parents',
      what: '`--parents`, with `/./` to say where the kept part begins',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY --parents d/e/f.txt /x/\nCOPY --parents d/./e/f.txt /y/\n',
          files,
          tree: { '/x/d/e/f.txt': 'f', '/y/e/f.txt': 'f' },
        },
        { dockerfile: 'FROM scratch\nCOPY --parents d/missing /x/\n', files, fails: 'missing' },
      ],
    },
    {
      slug: 'copy-exclude',
      what: '`--exclude=`, repeatable',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY --exclude=*.txt --exclude=d/e . /x/\n',
          files: { ...files, keep: 'k' },
          tree: { '/x/keep': 'k', '/x/a.txt': false, '/x/d/c.txt': 'c', '/x/d/e': false },
        },
      ],
    },
    {
      slug: 'copy-heredoc',
      what: 'Here-documents as sources, among files; mode 0644, variables unless quoted',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nARG V=1\nCOPY a.txt <<x <<"y" /d/\n$V\nx\n$V\ny\n',
          files,
          tree: { '/d/a.txt': 'a', '/d/x': { content: '1\n', mode: 0o644 }, '/d/y': '$V\n' },
        },
      ],
    },
    {
      slug: 'copy-special-files',
      what: 'Hard links, extended attributes, FIFOs and devices are copied; sockets are left out',
      status: 'yes',
      probes: [
        {
          needs: ['steps'],
          dockerfile:
            'FROM base AS a\nRUN mkdir /s && echo x > /s/a && ln /s/a /s/b && mknod /s/p p\nFROM scratch\nCOPY --from=a /s /s\n',
          tree: { '/s/b': 'x\n', '/s/p': { type: 'fifo' } },
        },
      ],
    },
    {
      slug: 'copy-of-ignored',
      what: 'A source that `.dockerignore` leaves out is an error that says so',
      status: 'yes',
      probes: [
        {
          dockerfile: 'FROM scratch\nCOPY a.txt /\n',
          files: { 'a.txt': 'a', '.dockerignore': 'a.txt\n' },
          fails: /\.dockerignore/,
        },
      ],
    },
  ],
};
