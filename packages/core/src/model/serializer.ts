/** A value as bytes; `form` tells the serializer itself which of its ways of writing it used (0 to 255). */
export interface Serialized {
  readonly form: number;
  readonly bytes: Uint8Array;
}

/** Turns values into bytes for shared tiers, and back into the same shape. */
export interface Serializer {
  /** @throws whatever says that the value has no faithful form. */
  encode(value: unknown): Serialized;
  /** @throws whatever says that the bytes are none of its own. */
  decode(form: number, bytes: Uint8Array): unknown;
  /** Whether all that is in this form is what JSON can say: such values are shared frozen without a look at them. Default: no. */
  isPlain?(form: number): boolean;
}
