import { compiledByTsc } from '../support/compiled.ts';
import { runBehaviours } from '../support/behaviours.ts';

runBehaviours('legacy', compiledByTsc('legacy'));
