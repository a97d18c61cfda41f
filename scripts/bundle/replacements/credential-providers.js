export { fromTemporaryCredentials } from './fromTemporaryCredentials.base';
