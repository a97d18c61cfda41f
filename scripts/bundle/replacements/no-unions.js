export const UnionSerde = undefined;
