/** Formats a value in HCL syntax: https://developer.hashicorp.com/terraform/language/expressions/types */
export function formatHcl(value: unknown, indent: number): string {
  const pad = ' '.repeat(indent);
  if (Array.isArray(value)) return `[${value.map((item) => formatHcl(item, indent)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return quoteHcl(String(value));
  const texts = Object.values(value).map((item) => formatHcl(item, indent + 2));
  const names = Object.keys(value).map((name) => (/^\w+$/.test(name) ? name : quoteHcl(name)));
  const lines = names.map((name, index) => {
    const width = Math.max(...runAround(index, texts).map((one) => names[one]?.length ?? 0));
    return `${pad}  ${name.padEnd(width)} = ${texts[index]}\n`;
  });
  return `{\n${lines.join('')}${pad}}`;
}

/** The neighbors that `terraform fmt` aligns: consecutive single-line values. */
function runAround(index: number, texts: readonly string[]): readonly number[] {
  const isLong = (one: number) => texts[one]?.includes('\n') ?? true;
  if (isLong(index)) return [index];
  let [first, last] = [index, index];
  while (!isLong(first - 1)) first--;
  while (!isLong(last + 1)) last++;
  return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
}

/** Quotes a string for HCL; `${` and `%{` would begin templates. */
export function quoteHcl(text: string): string {
  return JSON.stringify(text).replace(/[$%](?=\{)/g, '$&$&');
}
