// What a request to a registry is about (distribution-spec, Endpoints).

export type RequestKind =
  | 'token'
  | 'manifest-get'
  | 'manifest-head'
  | 'manifest-put'
  | 'blob-get'
  | 'blob-head'
  | 'mount'
  | 'upload-begin'
  | 'upload-progress'
  | 'upload-chunk'
  | 'upload-end'
  | 'upload-cancel'
  /** Anything at a host that a registry sent to. */
  | 'storage'
  | 'other';

const uploads: Record<string, RequestKind> = {
  POST: 'upload-begin',
  GET: 'upload-progress',
  PATCH: 'upload-chunk',
  PUT: 'upload-end',
  DELETE: 'upload-cancel',
};
const manifests: Record<string, RequestKind> = {
  GET: 'manifest-get',
  HEAD: 'manifest-head',
  PUT: 'manifest-put',
};
const blobs: Record<string, RequestKind> = { GET: 'blob-get', HEAD: 'blob-head' };

/** @param path with the query */
export function requestKind(method: string, path: string): RequestKind {
  if (path.startsWith('/token')) return 'token';
  if (/\/blobs\/uploads\/\?.*mount=/.test(path)) return 'mount';
  if (path.includes('/blobs/uploads/')) return uploads[method] ?? 'other';
  if (path.includes('/manifests/')) return manifests[method] ?? 'other';
  if (path.includes('/blobs/')) return blobs[method] ?? 'other';
  return 'other';
}
