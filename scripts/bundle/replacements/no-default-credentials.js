export const defaultProvider = () => async () => {
  throw new Error('this program has credentials of its own');
};
