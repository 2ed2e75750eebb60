import { having, invalid, type Key, type LoadContext, type Loader, type Source, type Strategy } from '@cache/core';
import { GivenTags } from './given-tags.ts';
import type { Keeping } from './keeping.ts';
import { MethodResource, type ResourceParts } from './method-resource.ts';
import type { Methods } from './methods.ts';
import { mergePolicies, type Policy } from './policy.ts';
import { WriteCalls } from './write-calls.ts';

/** What a strategy's resource may have besides what all have. */
interface Writer {
  readonly set?: (key: Key, value: unknown) => Promise<unknown>;
  readonly flush?: () => Promise<unknown>;
}

/**
 * Opens the resource of decorated methods: by the strategy that `@Cached` names, or else as cache-aside. Either way the
 * loader differs from call to call, because a method runs on an object, with arguments.
 */
export function methodStrategy(keeping: Keeping, ofClass: Policy | undefined): Strategy<MethodResource> {
  return {
    open(context) {
      const calls = new WriteCalls(context.name);
      const given = new GivenTags();
      let parts: ResourceParts | undefined;
      const partsBy = (ofStrategy: Options, source: Source<Key>, behind?: Behind): ResourceParts =>
        (parts = context.parts(
          optionsOf(keeping, ofStrategy, ofClass, () => calls.tags ?? given.take()),
          source,
          behind,
        ));

      const loads = new Loads();
      const { strategy } = keeping;
      const { scope } = mergePolicies<Policy>(keeping.policy, ofClass);
      if (strategy === undefined) {
        const sourceBy = (load: Loader<Key, unknown>): Source<Key> => ({ load });
        const settings = { keeping, scope, given, calls, sourceBy, set: undefined, flush: undefined };
        return new MethodResource(partsBy({}, { load: undefined }), settings);
      }
      const made = strategyRule(strategy(methodsOf(loads, calls)), `resource '${context.name}': strategy`);
      const opened = made.open({ ...context, parts: partsBy as typeof context.parts });
      if (parts === undefined) throw invalid(`resource '${context.name}'`, 'has a `strategy` that opens none');
      const { source } = parts;
      const { set, flush } = opened as Writer;
      return new MethodResource(parts, {
        keeping,
        scope,
        given,
        calls,
        sourceBy: (load) => loads.through(source, load),
        set: set?.bind(opened),
        flush: flush?.bind(opened),
      });
    },
  };
}

const strategyRule = having<Strategy<unknown>>('a strategy, such as writeThrough({ load, save })', 'open');

type Context = Parameters<Strategy<unknown>['open']>[0];
type Options = Parameters<Context['parts']>[0];
type Behind = Parameters<Context['parts']>[2];

/** What the method says, else what its strategy says, else what its class says. */
function optionsOf(
  { policy, revival }: Keeping,
  ofStrategy: Options,
  ofClass: Policy | undefined,
  tagsOfWrite: () => readonly string[],
): Options {
  const { scope: _scope, ...merged } = mergePolicies<Options & Pick<Policy, 'scope'>>(
    policy,
    mergePolicies(ofStrategy, ofClass),
  );
  const { revive = ofStrategy.revive, dehydrate = ofStrategy.dehydrate } = revival;
  const type = revival.type?.instances ?? ofStrategy.type;
  // What isolates the values of a whole class says nothing of instances, which are always fresh.
  const isolation = type === undefined && revive === undefined ? merged.isolation : undefined;
  const { tags } = ofStrategy;
  const fixed = typeof tags === 'function' ? tags : () => tags ?? [];
  return {
    ...merged,
    isolation,
    type,
    revive,
    dehydrate,
    tags: (value, key) => [...(fixed(value, key) as readonly string[]), ...tagsOfWrite()],
  };
}

function methodsOf(loads: Loads, calls: WriteCalls): Methods {
  return {
    load: loads.load as Methods['load'],
    save: calls.save,
    // Asked for only by a strategy that takes it.
    get saveMany() {
      return calls.saveMany;
    },
  };
}

/** Finds the loader of the call that a strategy's `load` is about. */
class Loads {
  readonly #byContext = new WeakMap<LoadContext<Key>, Loader<Key, unknown>>();

  readonly load = (key: Key, context: LoadContext<Key>): unknown => this.#byContext.get(context)!(key, context);

  /** The source as it is, but for one call. */
  through(source: Source<Key>, own: Loader<Key, unknown>): Source<Key> {
    const { load = this.load, loadMany } = source;
    return {
      loadMany,
      load: (key, context) => {
        this.#byContext.set(context, own);
        return load(key, context);
      },
    };
  }
}
