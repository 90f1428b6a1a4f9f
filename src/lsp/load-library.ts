// The library of the protocol, which is an optional package: loaded when a server is asked for.
import { SlipwayError } from '../errors.ts';

export interface ProtocolLibrary {
  /** Takes a connection, and what ends the server. */
  common: typeof import('vscode-languageserver');
  node: typeof import('vscode-languageserver/node');
  documents: typeof import('vscode-languageserver-textdocument');
}

/** @throws ERR_UNSUPPORTED where it is not installed */
export async function loadLibrary(): Promise<ProtocolLibrary> {
  try {
    const [common, node, documents] = await Promise.all([
      import('vscode-languageserver'),
      import('vscode-languageserver/node'),
      import('vscode-languageserver-textdocument'),
    ]);
    return { common, node, documents };
  } catch (cause) {
    throw new SlipwayError('ERR_UNSUPPORTED', 'slipway lsp needs the package vscode-languageserver', {
      hint: 'install it beside slipway: npm install vscode-languageserver vscode-languageserver-textdocument',
      cause,
    });
  }
}
