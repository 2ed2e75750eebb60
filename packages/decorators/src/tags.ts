import { invalid, type OptionRule } from '@cache/core';

/** Tags of every value, or computed from a value and the arguments of its method. */
export type TagsOption = readonly string[] | ((...given: readonly unknown[]) => readonly string[]);

export const tagsRule: OptionRule<TagsOption> = (value, where) => {
  if (typeof value === 'function') return value as TagsOption;
  if (Array.isArray(value) && value.every((tag) => typeof tag === 'string')) return value;
  throw invalid(where, "must be an array of tags, or a function that gives one, such as tags: (user) => ['org:7']");
};

/** The tags by one option, for what it was computed from. */
export function tagsBy(option: TagsOption | undefined, ...given: readonly unknown[]): readonly string[] {
  return typeof option === 'function' ? option(...given) : (option ?? []);
}
