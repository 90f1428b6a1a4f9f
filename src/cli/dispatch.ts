// Finds the command that a command line asks for, and runs it or shows its help.
import { SlipwayError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { traced } from '../trace.ts';
import { splitLeadingFlags } from './leading-flags.ts';
import { needsNamespace } from './needs-namespace.ts';
import type { Command, Session } from './session.ts';
import { asksForTrace, takeTraceFlag, traceCommand, withTraceFlag } from './trace-flag.ts';

/** Commands by name; each is loaded only when it is asked for. */
const commands: readonly { name: string; summary: string; load: () => Promise<{ command: Command }> }[] = [
  {
    name: 'build',
    summary: 'build an image from a Dockerfile',
    load: () => import('./commands/build-command.ts'),
  },
  {
    name: 'bake',
    summary: 'build the targets of a bake file or of Compose files',
    load: () => import('./commands/bake-command.ts'),
  },
  {
    name: 'run',
    summary: 'run a command in an image',
    load: () => import('./commands/run-command.ts'),
  },
  {
    name: 'lint',
    summary: 'find mistakes in Dockerfiles',
    load: () => import('./commands/lint-command.ts'),
  },
  {
    name: 'lsp',
    summary: 'serve editors with what lint finds, and more',
    load: () => import('./commands/lsp-command.ts'),
  },
  {
    name: 'explain',
    summary: 'say why steps of a build missed the cache',
    load: () => import('./commands/explain-command.ts'),
  },
  {
    name: 'context',
    summary: 'show what a build context holds, and what no step reads',
    load: () => import('./commands/context-command.ts'),
  },
  {
    name: 'bench',
    summary: 'replay rebuilds and measure the cache',
    load: () => import('./commands/bench-command.ts'),
  },
  {
    name: 'lock',
    summary: 'note what base images, Git refs and URLs stand for',
    load: () => import('./commands/lock-command.ts'),
  },
  {
    name: 'pull',
    summary: 'get an image from a registry',
    load: () => import('./commands/registry/pull.ts'),
  },
  {
    name: 'push',
    summary: 'send an image to a registry',
    load: () => import('./commands/registry/push.ts'),
  },
  {
    name: 'copy',
    summary: 'copy an image from registry to registry',
    load: () => import('./commands/registry/copy.ts'),
  },
  {
    name: 'tags',
    summary: 'list the tags of a repository',
    load: () => import('./commands/registry/tags.ts'),
  },
  {
    name: 'search',
    summary: 'list the repositories of a registry',
    load: () => import('./commands/registry/search.ts'),
  },
  { name: 'login', summary: 'log in to a registry', load: () => import('./commands/registry/login.ts') },
  { name: 'logout', summary: 'forget a login', load: () => import('./commands/registry/logout.ts') },
  {
    name: 'images',
    summary: 'list the images of the local store',
    load: () => import('./commands/images/images.ts'),
  },
  { name: 'ls', summary: 'the same as images', load: () => import('./commands/images/images.ts') },
  { name: 'tag', summary: 'give an image one more name', load: () => import('./commands/images/tag.ts') },
  { name: 'rmi', summary: 'remove images', load: () => import('./commands/images/rmi.ts') },
  {
    name: 'history',
    summary: 'show how an image came to be',
    load: () => import('./commands/images/history.ts'),
  },
  {
    name: 'inspect',
    summary: 'show all that is known of an image',
    load: () => import('./commands/images/inspect.ts'),
  },
  {
    name: 'layers',
    summary: 'show what each layer adds and wastes, and hold an image to budgets',
    load: () => import('./commands/images/layers.ts'),
  },
  {
    name: 'diff',
    summary: 'compare the files and configs of two images',
    load: () => import('./commands/images/diff.ts'),
  },
  { name: 'save', summary: 'write images into an archive', load: () => import('./commands/images/save.ts') },
  { name: 'load', summary: 'take images from an archive', load: () => import('./commands/images/load.ts') },
  {
    name: 'import',
    summary: 'make an image of a tar of files',
    load: () => import('./commands/images/import.ts'),
  },
  {
    name: 'export',
    summary: 'write the files of an image as a tar',
    load: () => import('./commands/images/export.ts'),
  },
  {
    name: 'manifest',
    summary: 'put images together into lists for several platforms',
    load: () => import('./commands/images/manifest.ts'),
  },
  {
    name: 'imagetools',
    summary: 'put images of registries together, and inspect them there',
    load: () => import('./commands/registry/imagetools.ts'),
  },
  { name: 'du', summary: 'show what takes up the disk', load: () => import('./commands/images/du.ts') },
  { name: 'prune', summary: 'delete what is not needed', load: () => import('./commands/images/prune.ts') },
  {
    name: 'doctor',
    summary: 'examine this machine: what steps run in, and what is missing for more',
    load: () => import('./commands/doctor-command.ts'),
  },
  { name: 'version', summary: 'print the version', load: () => import('./commands/version.ts') },
];

const all = [...commands, { name: 'help', summary: 'show help for a command' }];

/** @param argv the words after the program's name. @throws ERR_USAGE, and whatever the command throws. */
export async function dispatch(argv: readonly string[], session: Session): Promise<void> {
  const [word, ...rest] = argv;
  if (word === undefined) {
    throw new SlipwayError('ERR_USAGE', 'a command is missing', {
      hint: 'slipway build . builds the current folder; slipway --help lists the commands',
    });
  }
  if (word === 'help' || word === '--help' || word === '-h') return showHelp(rest[0], session);
  if (word === '--version' || word === '-v') return (await load('version')).run([], session);
  if (word.startsWith('-')) {
    throw new SlipwayError('ERR_USAGE', `unknown flag: ${word}`, {
      hint: 'the command comes first: slipway build [flags] PATH; see slipway --help',
    });
  }
  const enter = needsNamespace(word, rest, session) ? session.enterUserNamespace : undefined;
  // A trace would begin anew, and a build in which all is cached is over before that.
  const mayWait = word === 'build' && !asksForTrace(rest, session);
  if (enter && !mayWait) await enter();
  const command = await load(word);
  const own = command.passesOn ? splitLeadingFlags(command.flags, rest).flags : rest;
  if (asksForHelp(own, command)) return showHelp(word, session);
  const words = takeTraceFlag(command, rest);
  await traceCommand(word, words.file, session);
  const given = enter && mayWait ? { ...session, enterIfNeeded: enter } : session;
  return traced('start', word, () => command.run(words.argv, given));
}

async function load(name: string): Promise<Command> {
  const found = commands.find((one) => one.name === name);
  if (found) return (await found.load()).command;
  const near = nearest(
    name,
    all.map((one) => one.name),
  );
  throw new SlipwayError('ERR_USAGE', `unknown command: ${JSON.stringify(name)}`, {
    hint: `${near === undefined ? '' : `did you mean ${near}? `}All commands: slipway --help`,
  });
}

/** `--help` wins over whatever else is wrong, unless it is a flag's value. */
function asksForHelp(argv: readonly string[], command: Command): boolean {
  const takesValue = (word: string | undefined): boolean =>
    word !== undefined &&
    command.flags.some(
      (flag) => flag.type !== 'boolean' && (word === `--${flag.name}` || word === `-${flag.short}`),
    );
  const end = argv.indexOf('--');
  return argv
    .slice(0, end < 0 ? argv.length : end)
    .some((word, i) => (word === '--help' || word === '-h') && !takesValue(argv[i - 1]));
}

async function showHelp(name: string | undefined, session: Session): Promise<void> {
  const { commandHelp, generalHelp } = await import('./help.ts');
  if (name === undefined || name.startsWith('-') || name === 'help') {
    session.stdout.write(generalHelp(all));
    return;
  }
  session.stdout.write(commandHelp(withTraceFlag(await load(name)), session.stdout.columns || 80));
}
