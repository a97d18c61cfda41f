import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const template = readFileSync(join(import.meta.dirname, '../templates/assume-role.yml'), 'utf8');

const jobs = parse(
  template
    .slice(template.indexOf('\n---\n'))
    .replaceAll('$[[ inputs.job_name ]]', 'assume-role')
    .replaceAll('$[[ inputs.env_prefix ]]', ''),
  { uniqueKeys: false },
);

/** The script of the component's job: unpack the program, run it. */
export const exchangeScript: string = jobs['assume-role'].script.join('\n');

/** The check that a job with handed-on credentials runs before its own script. */
export const guardScript: string = jobs['.with-assume-role'].before_script[0];

/** The size of the encoded program in the template, without line breaks. */
export const payloadBytes = (
  /<<'AWS_OIDC_PAYLOAD'.*\n([\s\S]*?)\n *AWS_OIDC_PAYLOAD\n/.exec(template)?.[1] ?? ''
).replace(/\s/g, '').length;
