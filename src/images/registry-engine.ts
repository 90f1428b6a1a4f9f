// What the engine does with registries besides building: each part is loaded when it is asked for.
import type { CallOptions, EngineOptions } from '../engine.ts';
import type {
  CombinedImage,
  CombineRequest,
  CopyRequest,
  LoginResult,
  PulledImage,
  PullRequest,
  PushedImage,
  PushRequest,
  RemoteDescription,
} from '../image-request.ts';

type Quiet = Pick<CallOptions, 'signal'>;

/** Failures are those of registries: ERR_UNAUTHORIZED, ERR_NETWORK, ERR_REGISTRY, ERR_IMAGE_NOT_FOUND, ERR_DIGEST_MISMATCH. */
export interface RegistryEngine {
  pull(request: PullRequest, call: CallOptions): Promise<PulledImage[]>;
  push(request: PushRequest, call: CallOptions): Promise<PushedImage[]>;
  /** From registry to registry, without the store. */
  copy(request: CopyRequest, call: CallOptions): Promise<PushedImage>;
  /** An index of images of registries, pushed under names of registries. */
  combine(request: CombineRequest, call: CallOptions): Promise<CombinedImage>;
  /** @param options.configs whether the configs of its images are read */
  describe(name: string, options: { configs: boolean }, call: Quiet): Promise<RemoteDescription>;
  /** Tags of a repository. */
  tags(name: string, call: Quiet): Promise<string[]>;
  /** Repositories whose names hold a text. */
  search(request: { registry: string; text: string }, call: Quiet): Promise<string[]>;
  /** Tries a login, and keeps it. */
  login(
    request: { registry: string; login: { username: string; password: string } },
    call: Quiet,
  ): Promise<LoginResult>;
  /** Whether there was a login. */
  logout(registry: string, call: Quiet): Promise<boolean>;
}

export function createRegistryEngine(options: EngineOptions): RegistryEngine {
  return {
    async pull(request, call) {
      const { pullImages } = await import('./pull-images.ts');
      return pullImages(options, request, call);
    },
    async push(request, call) {
      const { pushImages } = await import('./push-images.ts');
      return pushImages(options, request, call);
    },
    async copy(request, call) {
      const { copyImage } = await import('./copy-image.ts');
      return copyImage(options, request, call);
    },
    async combine(request, call) {
      const { combineImages } = await import('./combine-images.ts');
      return combineImages(options, request, call);
    },
    async describe(name, what, call) {
      const { describeRemote } = await import('./describe-remote.ts');
      return describeRemote(options, { name, ...what }, call);
    },
    async tags(name, call) {
      const { listTags } = await import('./list-remote.ts');
      return listTags(options, name, call);
    },
    async search(request, call) {
      const { searchRegistry } = await import('./list-remote.ts');
      return searchRegistry(options, request, call);
    },
    async login(request, call) {
      const { login } = await import('./login.ts');
      return login(options, request, call);
    },
    async logout(registry, call) {
      const { logout } = await import('./login.ts');
      return logout(options, registry, call);
    },
  };
}
