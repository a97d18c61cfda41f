export const getHttpOperationBindings = () => [];
export const HttpBindingNormalizedSchema = undefined;
