import wrapAnsi from 'wrap-ansi';

/** Colors of the SGR codes in the job log; other codes are ignored. */
const fills: Readonly<Record<string, string>> = {
  1: '#ffffff',
  2: '#9e9ea8',
  31: '#f57f6c',
  32: '#91d4a8',
  33: '#e9be74',
};
const plain = '#dcdcde';
/** Log lines are wrapped at this width, as GitLab wraps them at the edge of the window. */
const maxColumns = 110;
const [fontSize, lineHeight, margin, characterWidth] = [13, 19, 16, 7.83];

/** A job log with colors as an SVG picture, as GitLab shows it: light text on a dark background. */
export function terminalSvg(text: string, title: string): string {
  const log = stripSections(text).trimEnd();
  const lines = wrapAnsi(log, maxColumns, { hard: true, trim: false }).split('\n');
  const columns = Math.max(...lines.map((line) => withoutColors(line).length));
  const width = Math.ceil(columns * characterWidth + 2 * margin);
  const height = lines.length * lineHeight + 2 * margin;
  const rows = lines.map((line, index) => {
    const y = margin + (index + 0.75) * lineHeight;
    return `  <text x="${margin}" y="${y}" xml:space="preserve">${spans(line)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}" font-family="Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${fontSize}" fill="${plain}">
  <title>${escaped(title)}</title>
  <rect width="100%" height="100%" rx="6" fill="#1f1e24"/>
${rows.join('\n')}
</svg>
`;
}

const esc = String.fromCharCode(27);
const sectionMark = new RegExp(`${esc}\\[0Ksection_\\w+:\\d+:[^\\r]*\\r${esc}\\[0K\\n?`, 'g');
const color = new RegExp(`${esc}\\[(\\d+)m`);

/** Removes GitLab's markers of collapsible sections, which the log does not show. */
function stripSections(text: string): string {
  return text.replace(sectionMark, '');
}

const withoutColors = (line: string) => line.replace(new RegExp(color, 'g'), '');

/** The parts of the split line are alternately text and codes. */
function spans(line: string): string {
  let fill = plain;
  let weight = '';
  return line
    .split(color)
    .map((part, index) => {
      if (index % 2 === 0) return part && `<tspan fill="${fill}"${weight}>${escaped(part)}</tspan>`;
      fill = fills[part] ?? plain;
      weight = part === '1' ? ' font-weight="bold"' : '';
      return '';
    })
    .join('');
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => entities[character] ?? '');
