// What becomes of each instruction that reads files when they change. Each stands in a stage of its own and reads the folder of its name.

/** In the order in which they are made, each on top of those before. */
export const fileMutations = [
  { id: 'content', title: 'content' },
  { id: 'mode', title: 'mode 0644 → 0664' },
  { id: 'time', title: 'time' },
  { id: 'owner', title: 'owner' },
  { id: 'renamed', title: 'renamed' },
  { id: 'added', title: 'added' },
  { id: 'removed', title: 'removed' },
  { id: 'ignored', title: 'an ignored file' },
] as const;

export type FileMutation = (typeof fileMutations)[number]['id'];

export interface FileRow {
  /** Of the stage and the folder. */
  id: string;
  /** The last step is the one that is looked at. */
  lines: string[];
  /** What explain says of its misses; for all else it must hit. */
  misses: Partial<Record<FileMutation, string[]>>;
}

/** Of a folder that is read as a whole. */
const whole = {
  content: ['f.txt has other content'],
  mode: ['f.txt: mode 0644 → 0664'],
  renamed: ['f.txt was renamed to g.txt'],
  added: ['new.md was added'],
  removed: ['old.md was removed'],
};

const mounted = {
  content: ['f.txt (mounted at /m) has other content'],
  mode: ['f.txt (mounted at /m): mode 0644 → 0664'],
  renamed: ['f.txt was renamed to g.txt (mounted at /m)'],
  added: ['new.md (mounted at /m) was added'],
  removed: ['old.md (mounted at /m) was removed'],
};

export const fileTable: readonly FileRow[] = [
  { id: 'copy', lines: ['COPY copy /d/'], misses: whole },
  { id: 'add', lines: ['ADD add /d/'], misses: whole },
  { id: 'link', lines: ['COPY --link link /d/'], misses: whole },
  { id: 'chown', lines: ['COPY --chown=1:1 chown /d/'], misses: whole },
  {
    id: 'chmod',
    lines: ['COPY --chmod=600 chmod /d/'],
    misses: {
      content: whole.content,
      renamed: whole.renamed,
      added: whole.added,
      removed: whole.removed,
    },
  },
  {
    id: 'exclude',
    lines: ['COPY --exclude=*.md exclude /d/'],
    misses: { content: whole.content, mode: whole.mode, renamed: whole.renamed },
  },
  {
    id: 'wild',
    lines: ['COPY wild/*.txt /d/'],
    misses: { content: whole.content, mode: whole.mode, renamed: whole.renamed },
  },
  {
    id: 'parents',
    lines: ['COPY --parents parents/./*.txt /d/'],
    misses: { content: whole.content, mode: whole.mode, renamed: whole.renamed },
  },
  {
    id: 'archive',
    lines: ['ADD archive/f.tar /d/'],
    misses: { content: ['f.tar has other content'], mode: ['f.tar: mode 0644 → 0664'] },
  },
  { id: 'workdir', lines: ['COPY workdir /d/', 'WORKDIR /w'], misses: whole },
  { id: 'above', lines: ['COPY above /d/', 'RUN true'], misses: whole },
  { id: 'linked', lines: ['COPY linked /d/', 'COPY --link plain /e/'], misses: {} },
  { id: 'bind', lines: ['RUN --mount=type=bind,source=bind,target=/m true'], misses: mounted },
  {
    id: 'same',
    lines: ['RUN --mount=type=bind,source=same,target=/m echo always > /a', 'RUN true'],
    misses: {},
  },
  { id: 'run', lines: ['RUN true'], misses: {} },
  { id: 'from', lines: ['COPY --from=copy /d /e/'], misses: whole },
];
