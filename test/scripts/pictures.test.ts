import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jobLogs } from '../../scripts/pictures/job-logs.ts';
import { terminalSvg } from '../../scripts/pictures/terminal-svg.ts';
import { root } from '../support/run-program.ts';

describe('the job log pictures', () => {
  it('match what the program logs now', async () => {
    const pictures = await jobLogs();
    expect(pictures.size).toBe(2);
    for (const [path, svg] of pictures) expect(readFileSync(join(root, path), 'utf8'), path).toBe(svg);
  });

  it('keep colors, and show text as text', () => {
    const svg = terminalSvg('\u001b[32m✔\u001b[0m <b> & "x"\n', 'A log');
    expect(svg).toContain(
      '<tspan fill="#91d4a8">✔</tspan><tspan fill="#dcdcde"> &lt;b&gt; &amp; &quot;x&quot;</tspan>',
    );
  });
});
