import { types } from 'node:util';
import { invalid } from '../model/options.ts';
import { isRecord } from '../model/shape.ts';
import { withoutClasses } from './isolation.ts';

/** Any class, abstract ones too. */
export type AnyClass = abstract new (...args: never[]) => unknown;

/**
 * Where the instances of a value are. A class: the value itself, or the items of an array or Set, or the values of a Map.
 * An object: those of its fields that have instances, each as it would be told of a value. A pair of both: instances
 * that have instances in their fields, such as `[User, { address: Address }]`.
 */
export type Blueprint = AnyClass | BlueprintFields | readonly [AnyClass, BlueprintFields];

export interface BlueprintFields {
  readonly [field: string]: Blueprint;
}

/** How values become plain data, and plain data values with instances in it. */
export interface Instances {
  readonly dehydrate: (value: unknown) => unknown;
  /** Shares nothing with `plain`: what is no instance is copied by `copy`. `assigns`: what `assigns` has said of it. */
  readonly revive: (plain: unknown, copy: Copy, assigns: boolean) => unknown;
  /** Whether all fields can just be assigned to instances, which is faster, since none has the name of an accessor. */
  readonly assigns: (plain: unknown) => boolean;
}

/** How a class would have its instances converted, where their own fields are not all there is to them. */
export interface Conversion {
  /** The fields of an object literal. */
  readonly toPlain: (instance: unknown) => unknown;
  /** It is given a copy of its own. */
  readonly toInstance: (plain: unknown) => unknown;
}

type Copy = (value: unknown) => unknown;

/**
 * Makes instances by the blueprint, with the fields that were kept and without their constructor having run. It is asked
 * for when the first value is there, so that classes may be declared later than their resource. `conversionOf` may
 * tell of a class that it has to be made in another way.
 *
 * `dehydrate` and `revive` throw CacheError `INVALID_OPTION` where it is none.
 */
export function instancesOf(
  owner: string,
  type: () => unknown,
  conversionOf: (type: AnyClass) => Conversion | undefined = () => undefined,
): Instances {
  let part: Instances | undefined;
  const whole = (): Instances => (part ??= partOf(owner, type(), conversionOf));
  return {
    dehydrate: (value) => whole().dehydrate(value),
    revive: (plain, copy, assigns) => whole().revive(plain, copy, assigns),
    assigns: (plain) => whole().assigns(plain),
  };
}

type ConversionOf = (type: AnyClass) => Conversion | undefined;

function partOf(owner: string, blueprint: unknown, conversionOf: ConversionOf): Instances {
  const [type, fields] = Array.isArray(blueprint) && blueprint.length === 2 ? (blueprint as unknown[]) : [blueprint];
  if (fields === undefined && isFields(type)) return within(record(undefined, partsOf(owner, type, conversionOf)));
  if (!isClass(type) || (fields !== undefined && !isFields(fields))) {
    throw invalid(
      owner,
      'has a `type` that gives no class; write type: () => User, for arrays and Maps of them too, or, for what holds ' +
        'instances in its fields, type: () => ({ items: User }) or type: () => [User, { address: Address }]',
    );
  }
  const conversion = conversionOf(type);
  if (conversion !== undefined) return within(converted(conversion));
  const parts = fields === undefined ? undefined : partsOf(owner, fields, conversionOf);
  return within(record(type.prototype as object, parts));
}

function partsOf(owner: string, fields: BlueprintFields, conversionOf: ConversionOf): Map<string, Instances> {
  return new Map(Object.entries(fields).map(([name, field]) => [name, partOf(owner, field, conversionOf)]));
}

function isClass(value: unknown): value is AnyClass {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}

function isFields(value: unknown): value is BlueprintFields {
  return typeof value === 'object' && value !== null && isRecord(value);
}

/** The same for all that an array, a Set or a Map holds. */
function within({ dehydrate, revive, assigns }: Instances): Instances {
  const whole: Instances = {
    dehydrate: (value) => {
      if (typeof value !== 'object' || value === null) return value;
      return each(value, whole.dehydrate, withoutClasses) ?? dehydrate(value);
    },
    revive: (plain, copy, may) => {
      if (typeof plain !== 'object' || plain === null) return plain;
      if (isRecord(plain)) return revive(plain, copy, may);
      return each(plain, (item) => whole.revive(item, copy, may), copy) ?? copy(plain);
    },
    assigns: (plain) => {
      if (typeof plain !== 'object' || plain === null) return true;
      if (isRecord(plain)) return assigns(plain);
      const items =
        Array.isArray(plain) || types.isSet(plain) ? [...plain] : types.isMap(plain) ? [...plain.values()] : [];
      return items.every(whole.assigns);
    },
  };
  return whole;
}

function each(value: object, made: Copy, key: Copy): unknown {
  if (Array.isArray(value)) return value.map(made);
  if (types.isMap(value)) return new Map([...value].map(([name, item]) => [key(name), made(item)] as const));
  if (types.isSet(value)) return new Set([...value].map(made));
  return undefined;
}

/** Objects with a prototype, and with the fields that were kept. */
function record(prototype: object | undefined, parts = new Map<string, Instances>()): Instances {
  const blocked = prototype === undefined ? [] : notAssignable(prototype);
  const Made = makerOf(prototype);
  const withFields = (fields: object, assigns: boolean): object => {
    if (prototype === undefined) return { ...fields };
    if (assigns) return new Made();
    return Object.setPrototypeOf({ ...fields }, prototype) as object;
  };
  return {
    dehydrate: (value) => {
      const plain = withoutClasses(value) as Record<string, unknown>;
      for (const [name, part] of parts) {
        if (Object.hasOwn(plain, name)) plain[name] = part.dehydrate((value as Record<string, unknown>)[name]);
      }
      return plain;
    },
    revive: (plain, copy, assigns) => {
      const from = plain as Record<string, unknown>;
      const made = withFields(from, assigns) as Record<string, unknown>;
      for (const name in from) {
        const item = from[name];
        if (typeof item !== 'object' || item === null) made[name] = item;
        // Dates are common, and cost the most to tell from all else.
        else if (item instanceof Date) made[name] = new Date(item.getTime());
        else made[name] = (parts.get(name)?.revive ?? copy)(item, copy, assigns);
      }
      return made;
    },
    assigns: (plain) => {
      if (blocked.some((name) => Object.hasOwn(plain as object, name))) return false;
      return [...parts].every(([name, part]) => part.assigns((plain as Record<string, unknown>)[name]));
    },
  };
}

// Unlike what `Object.create` makes, its instances have room for their fields in themselves.
function makerOf(prototype: object | undefined): new () => object {
  const Made = function () {} as unknown as new () => object;
  if (prototype !== undefined) Made.prototype = prototype;
  return Made;
}

/** The names that cannot just be assigned to an object with this prototype: of accessors, `__proto__` among them, and what is read-only. */
function notAssignable(prototype: object): string[] {
  const names: string[] = [];
  for (let each: object | null = prototype; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    const own = Object.entries(Object.getOwnPropertyDescriptors(each));
    names.push(...own.filter(([, { writable }]) => writable !== true).map(([name]) => name));
  }
  return names;
}

function converted({ toPlain, toInstance }: Conversion): Instances {
  return { dehydrate: toPlain, revive: (plain, copy) => toInstance(copy(plain)), assigns: () => true };
}
