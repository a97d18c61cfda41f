export const EventStreamSerde = undefined;
export const eventStreamSerdeProvider = undefined;
