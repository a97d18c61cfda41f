/** Prints a token of the sandbox for a job: `mint-token.ts CONTROL-URL REF`; AUD is the job's audience as JSON. */
const [, , control = '', ref = ''] = process.argv;
const audiences = [JSON.parse(process.env.AUD ?? '""')].flat() as string[];
const url = new URL('/token', control);
url.searchParams.set('ref', ref);
// the runner's job is on gitlab.com
for (const audience of audiences)
  url.searchParams.append('aud', audience.replace('$CI_SERVER_URL', 'https://gitlab.com'));
const answer = await fetch(url);
process.stdout.write(await answer.text());
