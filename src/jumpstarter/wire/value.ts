import type { Codec } from "./message.ts";
import { malformed, ProtoReader } from "./proto-reader.ts";
import { ProtoWriter } from "./proto-writer.ts";

/** What crosses as an argument or a result: JSON, as google.protobuf.Value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Deeper ones are refused: each level is one of the stack, too. */
const MAX_DEPTH = 64;

/** The numbers of the fields of google.protobuf.Value; of Struct and ListValue it is 1; of a map's entry 1 and 2. */
const KIND = { null: 1, number: 2, string: 3, bool: 4, struct: 5, list: 6 } as const;

export const value: Codec<Json> = {
  encode: (json) => encode(json, 0),
  decode: (bytes) => decode(bytes, 0),
};

function encode(json: Json, depth: number): Buffer {
  if (depth > MAX_DEPTH) throw new Error(`a value is nested more than ${MAX_DEPTH} deep`);
  const writer = new ProtoWriter();
  if (json === null || json === undefined) writer.varint(KIND.null, 0);
  else if (typeof json === "number") writer.double(KIND.number, json);
  else if (typeof json === "string") writer.text(KIND.string, json);
  else if (typeof json === "boolean") writer.varint(KIND.bool, Number(json));
  else if (isList(json)) writer.bytes(KIND.list, encodeList(json, depth));
  else writer.bytes(KIND.struct, encodeStruct(json, depth));
  return writer.finish();
}

function encodeList(list: readonly Json[], depth: number): Buffer {
  const writer = new ProtoWriter();
  for (const each of list) writer.bytes(1, encode(each, depth + 1));
  return writer.finish();
}

function encodeStruct(struct: { readonly [name: string]: Json }, depth: number): Buffer {
  const writer = new ProtoWriter();
  for (const [name, each] of Object.entries(struct)) {
    const entry = new ProtoWriter();
    entry.text(1, name);
    entry.bytes(2, encode(each, depth + 1));
    writer.bytes(1, entry.finish());
  }
  return writer.finish();
}

function decode(bytes: Uint8Array, depth: number): Json {
  if (depth > MAX_DEPTH) throw malformed(`a value that is nested more than ${MAX_DEPTH} deep`);
  const reader = new ProtoReader(bytes);
  // A value without a kind reads as null.
  let json: Json = null;
  while (!reader.done) {
    const { field, wire } = reader.tag();
    const expected = WIRES[field];
    if (expected === undefined) {
      reader.skip(wire);
      continue;
    }
    if (expected !== wire) throw malformed(`the wire type ${wire} of a value`);
    json = decodeKind(reader, field, depth);
  }
  return json;
}

/** By the numbers of KIND. */
const WIRES: Readonly<Record<number, number>> = { 1: 0, 2: 1, 3: 2, 4: 0, 5: 2, 6: 2 };

function decodeKind(reader: ProtoReader, kind: number, depth: number): Json {
  switch (kind) {
    case KIND.number:
      return reader.double();
    case KIND.string:
      return reader.text();
    case KIND.bool:
      return reader.varint() !== 0;
    case KIND.struct:
      return decodeStruct(reader.bytes(), depth);
    case KIND.list:
      return entriesOf(reader.bytes()).map((each) => decode(each, depth + 1));
    default:
      reader.varint();
      return null;
  }
}

function decodeStruct(bytes: Uint8Array, depth: number): Json {
  const entries = entriesOf(bytes).map((entry): [string, Json] => {
    const reader = new ProtoReader(entry);
    let name = "";
    let json: Json = null;
    while (!reader.done) {
      const { field, wire } = reader.tag();
      if (field === 1 && wire === 2) name = reader.text();
      else if (field === 2 && wire === 2) json = decode(reader.bytes(), depth + 1);
      else reader.skip(wire);
    }
    return [name, json];
  });
  // Makes own properties of any name, "__proto__" among them.
  return Object.fromEntries(entries);
}

/** The fields of number 1. */
function entriesOf(bytes: Uint8Array): Uint8Array[] {
  const reader = new ProtoReader(bytes);
  const entries: Uint8Array[] = [];
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === 2) entries.push(reader.bytes());
    else reader.skip(wire);
  }
  return entries;
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}
