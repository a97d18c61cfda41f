// In place of the SDK's reader of all types of all protocols.
import { NormalizedSchema } from '@smithy/core/schema';

/** Reads the values of STS's answers: texts, numbers and times (ISO 8601). */
export class FromStringShapeDeserializer {
  setSerdeContext() {}
  read(schema, text) {
    const type = NormalizedSchema.of(schema);
    if (type.isTimestampSchema()) return new Date(text);
    return type.isNumericSchema() ? Number(text) : text;
  }
}
