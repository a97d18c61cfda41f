export const recursionDetectionMiddleware = () => (next) => next;
