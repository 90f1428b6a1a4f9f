// Steps, and the entries that a layer has for them. `!` marks a whiteout, `b=a` a hard link.

export interface StepCase {
  title: string;
  /** Scripts that make the layers below, lowest first. */
  layers?: string[];
  script: string;
  changes: string[];
  /** Properties of some of the entries. */
  entries?: Record<string, Record<string, unknown>>;
  /** Paths of the tree after the step. */
  after: string[];
}

const base =
  'mkdir -p opt/dir/sub; echo a >opt/a; echo x >opt/dir/x; echo y >opt/dir/sub/y; ln -s a opt/l; chown 7:8 opt/a; touch -d @1111111111.123456789 opt/a opt/dir/x';
const tree = ['/opt', '/opt/a', '/opt/dir', '/opt/dir/sub', '/opt/dir/sub/y', '/opt/dir/x', '/opt/l'];
const without = (...paths: string[]): string[] => tree.filter((path) => !paths.includes(path));
const plus = (...paths: string[]): string[] => [...tree, ...paths].sort();

export const stepCases: StepCase[] = [
  { title: 'nothing', layers: [base], script: 'true', changes: [], after: tree },
  {
    title: 'files are added, with the directories above them',
    layers: [base],
    script: 'echo n >opt/dir/n; mkdir -p srv/e; touch -d @1234567890.987654321 srv/f',
    changes: ['opt', 'opt/dir', 'opt/dir/n', 'srv', 'srv/e', 'srv/f'],
    entries: {
      'srv/f': { type: 'file', size: 0, mode: 0o644, mtime: 1_234_567_890_987_654_321n },
      'opt/dir/n': { size: 2 },
      srv: { type: 'dir', mode: 0o755 },
    },
    after: plus('/opt/dir/n', '/srv', '/srv/e', '/srv/f'),
  },
  {
    title: 'a file is written to',
    layers: [base],
    script: 'echo more >>opt/a',
    changes: ['opt', 'opt/a'],
    entries: { 'opt/a': { size: 7, uid: 7, gid: 8 } },
    after: tree,
  },
  {
    title: 'content alone differs, size and time being the same',
    layers: [base],
    script: 'echo b >opt/a; touch -d @1111111111.123456789 opt/a',
    changes: ['opt', 'opt/a'],
    after: tree,
  },
  {
    title: 'a file is written to and is as before again',
    layers: [base],
    script: 'echo a >opt/a; touch -d @1111111111.123456789 opt/a; chmod 700 opt/dir; chmod 755 opt/dir',
    changes: [],
    after: tree,
  },
  {
    title: 'mode alone, with setuid and sticky bits',
    layers: [base],
    script: 'chmod 4755 opt/a; chmod 1777 opt/dir',
    changes: ['opt', 'opt/a', 'opt/dir'],
    entries: { 'opt/a': { mode: 0o4755 }, 'opt/dir': { mode: 0o1777 } },
    after: tree,
  },
  {
    title: 'owner alone, above 16 bits',
    layers: [base],
    script: 'chown 1000000000:2147483000 opt/a; chown -h 5:6 opt/l',
    changes: ['opt', 'opt/a', 'opt/l'],
    entries: { 'opt/a': { uid: 1_000_000_000, gid: 2_147_483_000 }, 'opt/l': { uid: 5, gid: 6 } },
    after: tree,
  },
  {
    title: 'time alone is a change of a file, not of a directory',
    layers: [base],
    script: 'touch -d @1111111111.123456788 opt/a; touch -d @1 opt/dir',
    changes: ['opt', 'opt/a'],
    entries: { 'opt/a': { mtime: 1_111_111_111_123_456_788n } },
    after: tree,
  },
  {
    title: 'a file is deleted',
    layers: [base],
    script: 'rm opt/a opt/dir/x',
    changes: ['opt', '!opt/a', 'opt/dir', '!opt/dir/x'],
    after: without('/opt/a', '/opt/dir/x'),
  },
  {
    title: 'a directory is deleted: one whiteout',
    layers: [base],
    script: 'rm -r opt/dir',
    changes: ['opt', '!opt/dir'],
    after: without('/opt/dir', '/opt/dir/sub', '/opt/dir/sub/y', '/opt/dir/x'),
  },
  {
    title: 'a directory is made again: a whiteout for each name it has lost',
    layers: [base],
    script: 'rm -r opt/dir; mkdir opt/dir; echo n >opt/dir/n',
    changes: ['opt', 'opt/dir', 'opt/dir/n', '!opt/dir/sub', '!opt/dir/x'],
    after: plus('/opt/dir/n').filter(
      (path) => !['/opt/dir/sub', '/opt/dir/sub/y', '/opt/dir/x'].includes(path),
    ),
  },
  {
    title: 'a directory is made again with a directory in it that was there before',
    layers: [base],
    script: 'rm -r opt/dir; mkdir -p opt/dir/sub; echo n >opt/dir/sub/n',
    changes: ['opt', 'opt/dir', 'opt/dir/sub', 'opt/dir/sub/n', '!opt/dir/sub/y', '!opt/dir/x'],
    after: [...without('/opt/dir/sub/y', '/opt/dir/x', '/opt/l'), '/opt/dir/sub/n', '/opt/l'],
  },
  {
    title: 'a directory is made again just as it was',
    layers: [base],
    script: 'cp -a opt/dir keep; rm -r opt/dir; mv keep opt/dir',
    changes: [],
    after: tree,
  },
  {
    title: 'a file becomes a directory, a directory a file',
    layers: [base],
    script: 'rm opt/a; mkdir opt/a; echo i >opt/a/in; rm -r opt/dir; echo flat >opt/dir',
    changes: ['opt', 'opt/a', 'opt/a/in', 'opt/dir'],
    entries: { 'opt/a': { type: 'dir' }, 'opt/dir': { type: 'file' } },
    after: ['/opt', '/opt/a', '/opt/a/in', '/opt/dir', '/opt/l'],
  },
  {
    title: 'a directory is renamed',
    layers: [base],
    script: 'mv opt/dir opt/new',
    changes: ['opt', '!opt/dir', 'opt/new', 'opt/new/sub', 'opt/new/sub/y', 'opt/new/x'],
    after: ['/opt', '/opt/a', '/opt/l', '/opt/new', '/opt/new/sub', '/opt/new/sub/y', '/opt/new/x'],
  },
  {
    title: 'two directories change places, whose files have one size and time',
    layers: ['mkdir a b; echo 1 >a/x; echo 2 >b/x; touch -d @1000000000 a/x b/x'],
    script: 'mv a c; mv b a; mv c b',
    changes: ['a', 'a/x', 'b', 'b/x'],
    after: ['/a', '/a/x', '/b', '/b/x'],
  },
  {
    title: 'a file is renamed over another',
    layers: [base],
    script: 'mv opt/dir/x opt/a',
    changes: ['opt', 'opt/a', 'opt/dir', '!opt/dir/x'],
    after: without('/opt/dir/x'),
  },
  {
    title: 'a file is deleted and made again',
    layers: [base],
    script: 'rm opt/a; echo fresh >opt/a',
    changes: ['opt', 'opt/a'],
    after: tree,
  },
  {
    title: 'new hard links are one file',
    layers: [base],
    script: 'mkdir -p t/s; echo d >t/b; ln t/b t/c; ln t/b t/s/a; ln t/b a',
    changes: ['a', 't', 't/b=a', 't/c=a', 't/s', 't/s/a=a'],
    after: ['/a', ...tree, '/t', '/t/b', '/t/c', '/t/s', '/t/s/a'],
  },
  {
    title: 'a hard link to a file of a lower layer brings that file along',
    layers: [base],
    script: 'ln opt/a opt/b',
    changes: ['opt', 'opt/a', 'opt/b=opt/a'],
    after: plus('/opt/b'),
  },
  {
    title: 'one of two hard links of a lower layer is deleted',
    layers: ['echo l >one; ln one two'],
    script: 'rm two',
    changes: ['!two'],
    after: ['/one'],
  },
  {
    title: 'a symbolic link points elsewhere',
    layers: [base],
    script: 'ln -sfn dir opt/l',
    changes: ['opt', 'opt/l'],
    entries: { 'opt/l': { type: 'symlink', linkTarget: 'dir' } },
    after: tree,
  },
  {
    title: 'devices and fifos are kept, sockets are not',
    script:
      'mkfifo -m 622 p; mknod c c 1 5; mknod b b 7 300; mknod big c 511 1048575; python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\'s\')"',
    changes: ['b', 'big', 'c', 'p'],
    entries: {
      p: { type: 'fifo', mode: 0o622 },
      c: { type: 'char', major: 1, minor: 5 },
      b: { type: 'block', major: 7, minor: 300 },
      big: { major: 511, minor: 1048575 },
    },
    after: ['/b', '/big', '/c', '/p'],
  },
  {
    title: 'a capability alone',
    layers: [base],
    script:
      'cp -p opt/a keep; setcap cap_net_bind_service=ep opt/a; touch -d @1111111111.123456789 opt/a; rm keep',
    changes: ['opt', 'opt/a'],
    entries: { 'opt/a': { xattrs: ['security.capability'] } },
    after: tree,
  },
  {
    title: 'other extended attributes are not kept',
    layers: [base],
    script: 'setfattr -n user.mine -v 1 opt/a; echo n >n; setfattr -n user.mine -v 1 n',
    changes: ['n'],
    entries: { n: { xattrs: [] } },
    after: ['/n', ...tree],
  },
  {
    title: 'temporary files leave nothing, not even their directory',
    layers: [base],
    script: 'echo t >opt/dir/t; mkdir opt/e; rm opt/dir/t; rmdir opt/e; cp -a opt/dir/x z; rm z',
    changes: [],
    after: tree,
  },
  {
    title: 'what two layers merge is deleted and made again in parts',
    layers: ['mkdir -p d/e; touch d/1 d/e/1', 'mkdir -p d/e; touch d/2 d/e/2; gone d/1'],
    script: 'rm -r d/e; mkdir d/e; touch d/1',
    changes: ['d', 'd/1', 'd/e', '!d/e/1', '!d/e/2'],
    after: ['/d', '/d/1', '/d/2', '/d/e'],
  },
  {
    title: 'names that are no UTF-8',
    layers: ['touch "$(printf \'old\\377\')" "$(printf \'g\\303\\251\')"'],
    script:
      'rm "$(printf \'old\\377\')"; mkdir "$(printf \'d\\200\')"; echo n >"$(printf \'d\\200/n\\376\')"',
    changes: ['d\udc80', 'd\udc80/n\udcfe', '!old\udcff'],
    after: ['/d\udc80', '/d\udc80/n\udcfe', '/gé'],
  },
];
