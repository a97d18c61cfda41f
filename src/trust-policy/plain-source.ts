import type { Source } from './source.ts';

/** A plain value, such as parsed JSON, as a source; every part of it has the offset 0. */
export function plainSource(value: unknown): Source {
  const offset = 0;
  if (Array.isArray(value)) return { kind: 'array', items: value.map(plainSource), offset };
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, one]) => ({ key, offset, value: plainSource(one) }));
    return { kind: 'object', entries, offset };
  }
  const isScalar = ['string', 'number', 'boolean'].includes(typeof value);
  return { kind: 'scalar', value: isScalar ? (value as string | number | boolean) : null, offset };
}
