// `slipway lsp` as the help knows it.
import type { Command } from '../session.ts';
import { lspFlags } from './lsp-flags.ts';

export const command: Command = {
  name: 'lsp',
  usage: 'slipway lsp [flags]',
  description:
    'Serves editors in the Language Server Protocol, over standard input and output: what slipway lint finds in a text while it is written, its fixes, the pages of its rules, formatting, names and completion. Editors start it themselves; docs/lsp.md says how to set them up.',
  flags: lspFlags,
  examples: [{ does: 'What an editor is told to start', command: 'slipway lsp --stdio' }],
  exitCodes: [
    '0    the editor asked for the end (shutdown, exit)',
    '1    it went away without',
    '2    the command line is wrong',
  ],
  notes: [
    {
      heading: 'Editors',
      lines: [
        'VS Code: an extension for any language server; the command is slipway lsp, the language dockerfile',
        "Neovim:  vim.lsp.config('slipway', {cmd = {'slipway', 'lsp'}, filetypes = {'dockerfile'}}); vim.lsp.enable('slipway')",
        'Helix:   [language-server.slipway] command = "slipway", args = ["lsp"] in languages.toml',
        'Emacs:   (add-to-list \'eglot-server-programs \'(dockerfile-mode . ("slipway" "lsp")))',
      ],
    },
    {
      heading: 'Config files',
      lines: [
        'As for slipway lint, started in the folder of the workspace; they are read anew for each text. See slipway lint --help.',
      ],
    },
  ],
  async run(argv, session) {
    const { runLsp } = await import('./lsp.ts');
    return runLsp(argv, session);
  },
};
