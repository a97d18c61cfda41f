export const getEndpointFromConfig = async () => undefined;
