import { compiledBySwc } from '../support/compiled.ts';
import { runBehaviours } from '../support/behaviours.ts';

runBehaviours('standard', compiledBySwc('standard'));
