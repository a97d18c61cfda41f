import { createHash } from 'node:crypto';
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import type { Package } from './packages.ts';

/** A built program of this project. */
export interface BuiltProgram {
  readonly file: string;
  readonly code: Uint8Array;
  readonly packages: readonly Package[];
}

/**
 * The bill of materials as CycloneDX 1.6: each program with its hash, each bundled package, and which program
 * contains it. It has no time or serial number, so that the same sources result in the same bytes.
 * https://cyclonedx.org/docs/1.6/json/
 */
export function billOfMaterials(version: string, programs: readonly BuiltProgram[]): string {
  const bom = new Models.Bom();
  const project = new Models.Component(Enums.ComponentType.Application, 'gitlab-aws-oidc', {
    bomRef: 'gitlab-aws-oidc',
    version,
  });
  project.licenses.add(new Models.SpdxLicense('MIT'));
  bom.metadata.component = project;
  const packages = new Map<string, Models.Component>();
  for (const program of programs) {
    const file = programComponent(program, version);
    bom.components.add(file);
    project.dependencies.add(file.bomRef);
    for (const bundled of program.packages) {
      const component = packages.get(bundled.name) ?? packageComponent(bundled);
      packages.set(bundled.name, component);
      bom.components.add(component);
      file.dependencies.add(component.bomRef);
    }
  }
  const json = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return `${new Serialize.JsonSerializer(json).serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function programComponent({ file, code }: BuiltProgram, version: string): Models.Component {
  const component = new Models.Component(Enums.ComponentType.File, file, { bomRef: file, version });
  component.hashes.set(Enums.HashAlgorithm['SHA-256'], createHash('sha256').update(code).digest('hex'));
  return component;
}

function packageComponent({ name, version, license }: Package): Models.Component {
  const [group, own] = name.startsWith('@') ? name.split('/') : [undefined, name];
  const purl = `pkg:npm/${group === undefined ? '' : `${encodeURIComponent(group)}/`}${own}@${version}`;
  const component = new Models.Component(Enums.ComponentType.Library, own ?? name, {
    bomRef: purl,
    ...(group !== undefined && { group }),
    version,
    purl,
  });
  component.licenses.add(new Models.SpdxLicense(license as never));
  return component;
}
