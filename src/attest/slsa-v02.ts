// The same provenance in the words of SLSA v0.2 (slsa.dev/spec/v0.2/provenance), for what does not read v1.
import type { ProvenancePredicate } from './provenance.ts';

const buildType = 'https://mobyproject.org/buildkit@v1';

export function asSlsaV02({ buildDefinition, runDetails }: ProvenancePredicate): object {
  const { externalParameters, internalParameters, resolvedDependencies } = buildDefinition;
  const { path, ...source } = externalParameters.configSource;
  const { metadata } = runDetails;
  return {
    builder: { id: runDetails.builder.id },
    buildType,
    materials: resolvedDependencies,
    invocation: {
      configSource: { ...source, entryPoint: path },
      parameters: externalParameters.request,
      environment: { platform: internalParameters.builderPlatform },
    },
    ...(internalParameters.buildConfig ? { buildConfig: internalParameters.buildConfig } : {}),
    metadata: {
      buildInvocationID: metadata.invocationId,
      buildStartedOn: metadata.startedOn,
      buildFinishedOn: metadata.finishedOn,
      completeness: {
        parameters: metadata.buildkit_completeness.request,
        environment: true,
        materials: metadata.buildkit_completeness.resolvedDependencies,
      },
      reproducible: metadata.buildkit_reproducible,
      [`${buildType}#hermetic`]: metadata.buildkit_hermetic,
      [`${buildType}#metadata`]: metadata.buildkit_metadata,
    },
  };
}
