// The only function that the endpoint rules of STS call.
import { partition } from './lib/aws/partition';

export const awsEndpointFunctions = { partition };
