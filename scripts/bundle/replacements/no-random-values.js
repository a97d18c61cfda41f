export const getRandomValues = undefined;
