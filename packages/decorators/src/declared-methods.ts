import type { Declaration } from './declaration.ts';
import { processWide } from './process-wide.ts';
import type { AnyMethod } from './site.ts';

const byWrapper = processWide('methods', () => new WeakMap<AnyMethod, Declaration>());
const byHome = processWide('classes', () => new WeakMap<object, Set<Declaration>>());

/** Puts `wrapper`, the work of `declaration`, in the place of its method; the answer is the decorator's. */
export function place(declaration: Declaration, wrapper: AnyMethod): unknown {
  byWrapper.set(wrapper, declaration);
  return declaration.site.replace(wrapper, (home) => declare(home, declaration));
}

/** Notes that objects with the prototype `home` have the declared method. Noting it twice does nothing. */
export function declare(home: object, declaration: Declaration): void {
  const declared = byHome.get(home);
  if (declared === undefined) byHome.set(home, new Set([declaration]));
  else declared.add(declaration);
}

/** The declaration whose wrapper this very function is. */
export function declarationOf(method: AnyMethod): Declaration | undefined {
  return byWrapper.get(method);
}

/** All declarations of a class and of those it extends: what overrides comes after what it overrides. */
export function declarationsOf(home: object): Declaration[] {
  const found = new Set<Declaration>();
  for (const each of lineage(home).reverse()) {
    for (const declaration of byHome.get(each) ?? []) found.add(declaration);
    // Standard decorators tell of instance methods only once there is an instance.
    for (const method of methodsOn(each)) addWithBelow(found, byWrapper.get(method));
  }
  return [...found];
}

/** `home` and the prototypes that it inherits from, nearest first. */
export function lineage(home: object): object[] {
  const line: object[] = [];
  for (let each: object | null = home; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    line.push(each);
  }
  return line;
}

function addWithBelow(found: Set<Declaration>, declaration: Declaration | undefined): void {
  if (declaration === undefined) return;
  addWithBelow(found, declaration.below);
  found.add(declaration);
}

function methodsOn(home: object): AnyMethod[] {
  const owner = Object.getOwnPropertyDescriptor(home, 'constructor')?.value as unknown;
  return [home, owner]
    .filter((each): each is object => each !== null && each !== undefined)
    .flatMap(propertiesOf)
    .map((property) => property.value as unknown)
    .filter((value): value is AnyMethod => typeof value === 'function');
}

function propertiesOf(each: object): PropertyDescriptor[] {
  return Reflect.ownKeys(each).map((name) => Object.getOwnPropertyDescriptor(each, name)!);
}
