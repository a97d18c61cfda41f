import type { Package } from './packages.ts';

/** The notice that the licences of bundled packages ask for: each package, and each licence text once. */
export function licenseNotice(packages: readonly Package[]): string {
  const lines = packages.map(({ name, version, license }) => `- ${name} ${version}, ${license}`);
  const texts = Map.groupBy(packages, ({ licenseText }) => licenseText);
  const sections = [...texts].map(([text, users]) => {
    const names = users.map(({ name }) => name).join(', ');
    return `## ${names}\n\n\`\`\`text\n${text}\n\`\`\`\n`;
  });
  return [
    '# Licences of what is bundled\n',
    'Written by `npm run build`. The programs in `dist/` hold code of these packages:\n',
    `${lines.join('\n')}\n`,
    ...sections,
  ].join('\n');
}
