// Replaces the SDK's reader for all types of all protocols.
import { NormalizedSchema } from '@smithy/core/schema';

/** Reads the values in responses of STS: strings, numbers and times (ISO 8601). */
export class FromStringShapeDeserializer {
  setSerdeContext() {}
  read(schema, text) {
    const type = NormalizedSchema.of(schema);
    if (type.isTimestampSchema()) return new Date(text);
    return type.isNumericSchema() ? Number(text) : text;
  }
}
