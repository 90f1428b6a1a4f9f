// Python packages: the metadata that installers leave in *.dist-info and *.egg-info (packaging.python.org, core metadata).
import { formatPurl } from '../purl.ts';
import { controlParagraphs, type Paragraph } from './control-file.ts';
import { type FoundPackage, readSmall, type ScannedFiles, shortText } from './found-package.ts';

const largest = 4 << 20;

export function isPythonFile(path: string): boolean {
  return /\.dist-info\/METADATA$|\.egg-info(\/PKG-INFO)?$/.test(path);
}

export function* readPython(files: ScannedFiles, path: string): Generator<FoundPackage, void> {
  const text = readSmall(files, path, largest) ?? '';
  const { value: fields } = controlParagraphs(text).next();
  const name = fields && shortText(fields.get('name'), 200);
  const version = fields && shortText(fields.get('version'), 200);
  if (!fields || name === undefined || version === undefined) return;
  yield {
    name,
    version,
    // The normal form of names: https://packaging.python.org/en/latest/specifications/name-normalization/
    purl: formatPurl({ type: 'pypi', name: name.toLowerCase().replace(/[-_.]+/g, '-'), version }),
    license: licenseOf(fields, text),
    maintainer: undefined,
    homepage: shortText(fields.get('home-page')),
    foundIn: path,
  };
}

/** The whole text of a license may stand where its name belongs. */
function licenseOf(fields: Paragraph, text: string): string | undefined {
  const expression = shortText(fields.get('license-expression'));
  if (expression !== undefined) return expression;
  const named = fields.get('license') ?? '';
  if (named !== '' && named !== 'UNKNOWN' && !named.includes('\n') && named.length <= 100)
    return shortText(named);
  const classifiers = [...text.matchAll(/^Classifier: License :: (?:OSI Approved :: )?([^:\n]+)$/gm)];
  return shortText(classifiers[0]?.[1]);
}
