import { malformed, ProtoReader, WIRE } from "./proto-reader.ts";
import { ProtoWriter } from "./proto-writer.ts";

/** The codec of a message: both directions, for clients, servers and tests alike. */
export interface Codec<Message> {
  readonly encode: (message: Message) => Buffer;
  /** @throws {Error} if the bytes are no such message. */
  readonly decode: (bytes: Uint8Array) => Message;
}

/** How the values of a field are written and read. */
export interface FieldType<Value> {
  readonly wire: number;
  /** What a field that is absent means. */
  readonly absent: Value;
  readonly read: (reader: ProtoReader, before: Value) => Value;
  /** Writes nothing if the value is what absence means. */
  readonly write: (writer: ProtoWriter, field: number, value: Value) => void;
}

/** The fields of a message: the number and the type of each. */
export type Fields<Message> = { readonly [Name in keyof Message]-?: readonly [number, FieldType<Message[Name]>] };

export const text: FieldType<string> = {
  wire: WIRE.bytes,
  absent: "",
  read: (reader) => reader.text(),
  write: (writer, field, value) => void (value !== "" && writer.text(field, value)),
};

export const bytes: FieldType<Uint8Array> = {
  wire: WIRE.bytes,
  absent: new Uint8Array(),
  read: (reader) => reader.bytes(),
  write: (writer, field, value) => void (value.length > 0 && writer.bytes(field, value)),
};

export const bool: FieldType<boolean> = {
  wire: WIRE.varint,
  absent: false,
  read: (reader) => reader.varint() !== 0,
  write: (writer, field, value) => void (value && writer.varint(field, 1)),
};

/** Whole numbers from 0 on, and enumerations. */
export const unsigned: FieldType<number> = {
  wire: WIRE.varint,
  absent: 0,
  read: (reader) => reader.varint(),
  write: (writer, field, value) => void (value !== 0 && writer.varint(field, value)),
};

/** proto3 `optional`: present even if it is what absence would mean. */
export function optional<Value>(type: FieldType<Value>): FieldType<Value | undefined> {
  return {
    wire: type.wire,
    absent: undefined,
    read: (reader) => type.read(reader, type.absent),
    write: (writer, field, value) => {
      if (value === undefined) return;
      if (value === type.absent) writePresent(writer, field, value);
      else type.write(writer, field, value);
    },
  };
}

function writePresent(writer: ProtoWriter, field: number, value: unknown): void {
  if (typeof value === "string") writer.text(field, value);
  else writer.varint(field, Number(value));
}

export function nested<Value>(codec: Codec<Value>): FieldType<Value | undefined> {
  return {
    wire: WIRE.bytes,
    absent: undefined,
    read: (reader) => codec.decode(reader.bytes()),
    write: (writer, field, value) => void (value !== undefined && writer.bytes(field, codec.encode(value))),
  };
}

export function repeated<Value>(codec: Codec<Value>): FieldType<readonly Value[]> {
  return {
    wire: WIRE.bytes,
    absent: [],
    read: (reader, before) => {
      // Grown in place: a list of many would otherwise be copied for each of them.
      const list = before.length === 0 ? [] : (before as Value[]);
      list.push(codec.decode(reader.bytes()));
      return list;
    },
    write: (writer, field, values) => {
      for (const value of values) writer.bytes(field, codec.encode(value));
    },
  };
}

/** map<string, string> */
export const labels: FieldType<Readonly<Record<string, string>>> = {
  wire: WIRE.bytes,
  absent: {},
  read: (reader, before) => {
    const { key, value } = label.decode(reader.bytes());
    return Object.fromEntries([...Object.entries(before), [key, value]]);
  },
  write: (writer, field, value) => {
    for (const [key, each] of Object.entries(value)) writer.bytes(field, label.encode({ key, value: each }));
  },
};

/** Unknown fields are skipped; of a field that comes twice the last one counts, except for lists and maps. */
export function message<Message extends object>(fields: Fields<Message>): Codec<Message> {
  const entries = Object.entries(fields) as [keyof Message & string, readonly [number, FieldType<unknown>]][];
  const byNumber = new Map(entries.map(([name, [number, type]]) => [number, { name, type }]));
  return {
    encode: (value) => {
      const writer = new ProtoWriter();
      for (const [name, [number, type]] of entries) {
        const given: unknown = value[name];
        type.write(writer, number, given === undefined ? type.absent : given);
      }
      return writer.finish();
    },
    decode: (given) => {
      const reader = new ProtoReader(given);
      const value = Object.fromEntries(entries.map(([name, [, type]]) => [name, type.absent])) as Message;
      while (!reader.done) {
        const { field, wire } = reader.tag();
        const known = byNumber.get(field);
        if (!known) reader.skip(wire);
        else if (known.type.wire !== wire) throw malformed(`the wire type ${wire} of ${known.name}`);
        else value[known.name] = known.type.read(reader, value[known.name]) as Message[typeof known.name];
      }
      return value;
    },
  };
}

const label: Codec<{ readonly key: string; readonly value: string }> = message({ key: [1, text], value: [2, text] });
