export const resolveParamsForS3 = undefined;
