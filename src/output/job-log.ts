import { redacted } from '../text/redacted.ts';
import { printable } from './printable.ts';

/** A line of a table: a label and its value. */
export type Row = readonly [label: string, value: string];

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

const sgr: Record<Style, number> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

interface Output {
  readonly log: (text: string) => void;
  readonly colour: boolean;
  readonly sections: boolean;
  readonly now: () => Date;
}

const maxLineLength = 2048;

/** Writes text for people. All text is made safe first: one line stays one line, and secrets are masked. */
export class JobLog {
  readonly #output: Output;
  readonly #secrets: readonly string[];

  constructor(output: Output, secrets: readonly string[]) {
    this.#output = output;
    this.#secrets = secrets;
  }

  /**
   * A table in a collapsed section of the job log; outside GitLab, a table with a title.
   * Markers: https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections
   */
  section(name: string, title: string, rows: readonly Row[]): void {
    this.#line(this.#mark('start', `${name}[collapsed=true]`) + this.#style('bold', this.#safe(title)));
    this.table(rows);
    const end = this.#mark('end', name);
    if (end !== '') this.#line(end);
  }

  table(rows: readonly Row[]): void {
    const width = Math.max(...rows.map(([label]) => label.length));
    for (const [label, value] of rows) {
      this.#line(`  ${this.#style('dim', this.#safe(label).padEnd(width))}  ${this.#safe(value)}`);
    }
  }

  /** The heading of a part of a report. */
  title(text: string): void {
    this.#line(this.#style('bold', this.#safe(text)));
  }

  done(text: string): void {
    this.#line(`${this.#style('green', '✔')} ${this.#safe(text)}`);
  }

  /** The result of a check that cannot be made. */
  unknown(text: string): void {
    this.#line(`${this.#style('yellow', '?')} ${this.#safe(text)}`);
  }

  notice(text: string): void {
    this.#line(`${this.#style('yellow', '!')} ${this.#safe(text)}`);
  }

  failure(text: string): void {
    this.#line(`${this.#style('red', '✘')} ${this.#style('bold', this.#safe(text))}`);
  }

  /** A line that belongs to the one above it. */
  detail(text: string): void {
    this.#line(`  ${this.#safe(text)}`);
  }

  #safe(text: string): string {
    return printable(redacted(text, this.#secrets), maxLineLength);
  }

  #line(text: string): void {
    this.#output.log(`${text}\n`);
  }

  #mark(edge: 'start' | 'end', name: string): string {
    if (!this.#output.sections) return '';
    const seconds = Math.floor(this.#output.now().getTime() / 1000);
    return `\u001b[0Ksection_${edge}:${seconds}:${name}\r\u001b[0K`;
  }

  #style(style: Style, text: string): string {
    return this.#output.colour ? `\u001b[${sgr[style]}m${text}\u001b[0m` : text;
  }
}
