import { describe, expect, it } from 'vitest';
import { JobLog } from '../../src/output/job-log.ts';

function logged(options: { colour?: boolean; sections?: boolean }, write: (log: JobLog) => void): string {
  let text = '';
  const output = {
    log: (more: string) => (text += more),
    colour: options.colour ?? false,
    sections: options.sections ?? false,
    now: () => new Date(1_700_000_000_900),
  };
  write(new JobLog(output, ['top-secret']));
  return text;
}

describe('JobLog', () => {
  it("writes a collapsed section in GitLab's job log", () => {
    const text = logged({ sections: true }, (log) => log.section('aws', 'Title', [['Role', 'deploy']]));
    expect(text).toBe(
      '\u001b[0Ksection_start:1700000000:aws[collapsed=true]\r\u001b[0KTitle\n' +
        '  Role  deploy\n' +
        '\u001b[0Ksection_end:1700000000:aws\r\u001b[0K\n',
    );
  });

  it('writes a plain table elsewhere', () => {
    const rows = [
      ['Role', 'deploy'],
      ['Account', '111111111111'],
    ] as const;
    expect(logged({}, (log) => log.section('aws', 'Title', rows))).toBe(
      'Title\n  Role     deploy\n  Account  111111111111\n',
    );
  });

  it('uses colors only if they are enabled', () => {
    const write = (log: JobLog) => log.failure('no');
    expect(logged({}, write)).toBe('✘ no\n');
    expect(logged({ colour: true }, write)).toBe('\u001b[31m✘\u001b[0m \u001b[1mno\u001b[0m\n');
  });

  it('neutralizes forged section markers and line breaks, wherever they are', () => {
    const evil = 'x\u001b[0Ksection_end:1:aws\r\u001b[0K\n✔ all good';
    const text = logged({}, (log) => {
      log.section('aws', evil, [[evil, evil]]);
      log.done(evil);
      log.notice(evil);
      log.failure(evil);
      log.detail(evil);
    });
    for (const control of ['\u001b', '\r']) expect(text).not.toContain(control);
    expect(text.trimEnd().split('\n')).toHaveLength(6);
  });

  it('masks secrets, wherever they are', () => {
    const text = logged({}, (log) => {
      log.section('aws', 'top-secret', [['top-secret', 'a top-secret b']]);
      log.done('top-secret');
      log.notice('top-secret');
      log.failure('top-secret');
      log.detail('top-secret');
    });
    expect(text).not.toContain('top-secret');
    expect(text.match(/\[masked\]/g)).toHaveLength(7);
  });
});
