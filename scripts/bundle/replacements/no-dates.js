export const dateToUtcString = undefined;
export const parseRfc3339DateTime = undefined;
export const parseRfc3339DateTimeWithOffset = undefined;
export const parseRfc7231DateTime = undefined;
export const parseEpochTimestamp = undefined;
