import type { Package } from './packages.ts';

/** The notice that the licenses of the bundled packages require: each package, and each license text once. */
export function licenseNotice(packages: readonly Package[]): string {
  const lines = packages.map(({ name, version, license }) => `- ${name} ${version}, ${license}`);
  const texts = Map.groupBy(packages, ({ licenseText }) => licenseText);
  const sections = [...texts].map(([text, users]) => {
    const names = users.map(({ name }) => name).join(', ');
    return `## ${names}\n\n\`\`\`text\n${text}\n\`\`\`\n`;
  });
  return [
    '# Licenses of bundled packages\n',
    'Written by `npm run build`. The programs in `dist/` contain code of these packages:\n',
    `${lines.join('\n')}\n`,
    ...sections,
  ].join('\n');
}
