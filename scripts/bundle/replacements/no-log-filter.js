export const schemaLogFilter = () => '***SensitiveInformation***';
